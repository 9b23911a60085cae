namespace ClusterBench.Configs;

/// <summary>Where a key or value was written. Line and column count from 1; line 0 means the source as a whole.</summary>
/// <param name="Source">A file's path as the user would type it, or the option, e.g. <c>--set</c>.</param>
public readonly record struct ConfigPosition(string Source, int Line, int Column)
{
    /// <summary>The whole of a file or an option.</summary>
    public static ConfigPosition Of(string source) => new(source, 0, 0);

    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"{Source}:{Line}:{Column}" : Source;
}
