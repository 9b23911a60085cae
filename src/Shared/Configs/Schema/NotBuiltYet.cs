namespace ClusterBench.Configs;

/// <summary>
/// Values that upstream knows and this program does not: a config that needs one is refused with what is supported, since computing
/// without it would give another number.
/// </summary>
internal static class NotBuiltYet
{
    /// <summary>A name of which some are supported, some known and others a mistake.</summary>
    /// <param name="later">Upstream's names that are not built yet.</param>
    /// <returns>A supported name, or null (with an error when one was given).</returns>
    public static string? Supported(
        this MapReader map, string key, string kind, IReadOnlyList<string> supported, IReadOnlyCollection<string> later, bool required = false)
    {
        if (map.Take(key) is ConfigScalar { Value: string name } && later.Contains(name, StringComparer.Ordinal))
        {
            map.Fail(key, $"the {kind} '{name}' is not built yet; supported: {string.Join(", ", supported)}");
            return null;
        }
        return map.Name(key, supported, kind, required);
    }

    /// <summary>A switch that has to be at its usual place.</summary>
    public static void Only(this MapReader map, string key, bool value, string why)
    {
        if (map.Bool(key) is { } given && given != value)
        {
            map.Fail(key, $"must be {(value ? "true" : "false")}: {why}");
        }
    }

    /// <summary>A number that has to have its usual value.</summary>
    public static void Only(this MapReader map, string key, double value, string why)
    {
        if (map.Take(key) is not null && map.Number(key) is { } given && given != value)
        {
            map.Fail(key, $"must be {ConfigNumbers.Text(value)}, is {ConfigNumbers.Text(given)}: {why}");
        }
    }

    /// <summary>A part that has to be absent: null, or an empty mapping or list.</summary>
    public static void Absent(this MapReader map, string key, string why)
    {
        if (map.Take(key) is { } node and not (ConfigMap { Entries.Count: 0 } or ConfigList { Items.Count: 0 }))
        {
            map.Fail(key, $"must be left out: {why} (it is {node.Describe()})");
        }
    }
}
