using System.CommandLine;

namespace ClusterBench.Cli.Calls;

/// <summary>What every option has, whatever its value's type.</summary>
internal interface ISetting
{
    /// <summary>Names of the environment variables that stand for the option, the proper one first.</summary>
    IReadOnlyList<string> Variables { get; }

    /// <summary>The default as the help page shows it; null: none.</summary>
    string? DefaultText { get; }

    bool IsFlag { get; }

    bool Repeatable { get; }
}

/// <summary>
/// An option and the environment variable that stands for it. The parser only collects the words: they are read here, in one
/// way for both sources, so that a bad value in a variable is found as surely as one on the command line.
/// </summary>
/// <typeparam name="T">What the words come to.</typeparam>
internal sealed class Setting<T> : Option<string[]>, ISetting
{
    /// <summary>Reads the words of one call; throws <see cref="FormatException"/> with a text that says what would be right.</summary>
    public required Func<IReadOnlyList<string>, T> Read { get; init; }

    /// <summary>The value when neither the command line nor the environment says anything.</summary>
    public required T Fallback { get; init; }

    /// <summary>How a variable's text becomes words; most options have one word.</summary>
    public Func<string, IReadOnlyList<string>> Split { get; init; } = text => [text];

    public string? DefaultText { get; init; }

    public bool IsFlag { get; }

    public bool Repeatable { get; }

    public IReadOnlyList<string> Variables { get; }

    /// <param name="name">With its dashes, e.g. <c>--state-dir</c>.</param>
    /// <param name="valueName">The placeholder in the help page; null makes the option a flag.</param>
    public Setting(string name, string? valueName, string description, bool repeatable = false, params string[] aliases) : base(name, aliases)
    {
        Description = description;
        HelpName = valueName;
        IsFlag = valueName is null;
        Repeatable = repeatable;
        Arity = IsFlag ? ArgumentArity.Zero : repeatable ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne;
        AllowMultipleArgumentsPerToken = false;
        CustomParser = result => [.. result.Tokens.Select(token => token.Value)];
        Variables = [.. aliases.Prepend(name).Where(alias => alias.StartsWith("--", StringComparison.Ordinal)).Select(VariableOf)];
    }

    /// <summary><c>--state-dir</c> is <c>CLUSTERBENCH_STATE_DIR</c>.</summary>
    public static string VariableOf(string option) =>
        "CLUSTERBENCH_" + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}
