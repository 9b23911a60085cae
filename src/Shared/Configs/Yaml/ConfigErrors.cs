namespace ClusterBench.Configs;

/// <summary>One thing that is wrong: where, at which key (empty for a whole file), and what to do about it.</summary>
public sealed record ConfigError(ConfigPosition At, string Path, string What)
{
    /// <summary>One line, whatever the config holds.</summary>
    public override string ToString() => (Path.Length == 0 ? $"{At}  {What}" : $"{At}  {Path}: {What}").ReplaceLineEndings(" ");
}

/// <summary>Gathers what is wrong, so that a user sees all of it at once.</summary>
public sealed class ConfigErrors
{
    private readonly List<ConfigError> _errors = [];

    public bool Any => _errors.Count > 0;

    public IReadOnlyList<ConfigError> All => _errors;

    public void Add(ConfigPosition at, string path, string what) => _errors.Add(new ConfigError(at, path, what));

    /// <summary>An error about a name that is none of the known ones; names the nearest, or else all.</summary>
    public void AddUnknown(ConfigPosition at, string path, string what, string name, IEnumerable<string> known)
    {
        var all = known.ToList();
        var remedy = NearestName.Of(name, all) is { } near ? $"did you mean '{near}'?"
            : all.Count == 0 ? "none may stand here beside those given"
            : $"known: {string.Join(", ", all)}";
        Add(at, path, $"{what}; {remedy}");
    }

    /// <exception cref="ConfigException">There is at least one error.</exception>
    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new ConfigException(_errors);
        }
    }
}

/// <summary>A config is wrong: every error with its place, one per line. Nothing was started.</summary>
public sealed class ConfigException(IReadOnlyList<ConfigError> errors) : UserErrorException(Text(errors))
{
    /// <summary>By file, in the order of their first error, then by place.</summary>
    public IReadOnlyList<ConfigError> Errors { get; } = Ordered(errors);

    private static string Text(IReadOnlyList<ConfigError> errors) =>
        string.Join('\n', Ordered(errors)) + $"\n{errors.Count} {(errors.Count == 1 ? "error" : "errors")} in the config; nothing was started.";

    private static List<ConfigError> Ordered(IReadOnlyList<ConfigError> errors)
    {
        var sources = errors.Select(e => e.At.Source).Distinct(StringComparer.Ordinal).ToList();
        return [.. errors.OrderBy(e => sources.IndexOf(e.At.Source)).ThenBy(e => e.At.Line).ThenBy(e => e.At.Column)];
    }
}
