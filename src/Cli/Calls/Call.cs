using System.CommandLine;
using System.CommandLine.Parsing;

namespace ClusterBench.Cli.Calls;

/// <summary>
/// One call of a verb: the words on the command line and the environment around it. Reading an option never throws: what is wrong
/// is collected, so that all of it can be said at once, before anything starts.
/// </summary>
internal sealed class Call(ParseResult words, Surroundings around)
{
    private readonly List<string> _errors = [];
    private readonly List<string> _fromEnvironment = [];

    public Surroundings Around { get; } = around;

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The command line's value, else the environment's, else the default.</summary>
    public T Get<T>(Setting<T> setting)
    {
        OptionResult? given = words.GetResult(setting);
        if (given is { Implicit: false })
            return Read(setting, setting.Name, [.. given.Tokens.Select(token => token.Value)]);
        foreach (string variable in setting.Variables)
        {
            if (Around.Environment(variable) is not { Length: > 0 } text)
                continue;
            T value = Read(setting, variable, setting.Split(text));
            if (!setting.IsFlag)
                _fromEnvironment.AddRange(setting.Split(text).SelectMany(word => (string[])[setting.Name, word]));
            else if (value is true)
                _fromEnvironment.Add(setting.Name);
            return value;
        }
        return setting.Fallback;
    }

    /// <summary>Where the value comes from: the option's name, a variable's name, or null for the default.</summary>
    public string? Source<T>(Setting<T> setting) => words.GetResult(setting) is { Implicit: false } ? setting.Name
        : setting.Variables.FirstOrDefault(variable => Around.Environment(variable) is { Length: > 0 });

    /// <summary>An option that the verb cannot do without.</summary>
    public string Require(Setting<string?> setting)
    {
        int before = _errors.Count;
        string? value = Get(setting);
        if (value is null && _errors.Count == before)
            _errors.Add($"{setting.Name} {setting.HelpName} is missing (or {setting.Variables[0]} in the environment)");
        return value ?? "";
    }

    public T Argument<T>(Argument<T> argument) => words.GetRequiredValue(argument);

    /// <summary>Adds an error about options that do not go together.</summary>
    public void Refuse(string error) => _errors.Add(error);

    /// <summary>The call as one line for a shell, with what the environment added; complete once all options have been read.</summary>
    public string Repeat() => string.Join(' ', words.Tokens.Select(token => token.Value).Concat(_fromEnvironment).Prepend("clusterbench").Select(ShellWords.Quote));

    private T Read<T>(Setting<T> setting, string source, IReadOnlyList<string> values)
    {
        try
        {
            return setting.Read(values);
        }
        catch (FormatException e)
        {
            _errors.Add($"{source}: {e.Message}");
            return setting.Fallback;
        }
    }
}
