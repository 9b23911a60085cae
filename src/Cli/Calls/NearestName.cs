namespace ClusterBench.Cli.Calls;

/// <summary>"did you mean": the known name that a mistyped one is closest to.</summary>
internal static class NearestName
{
    /// <summary><c>; did you mean 'knn'?</c>, or nothing when no name is near.</summary>
    public static string Hint(string typed, IEnumerable<string> known) => Of(typed, known) is { } name ? $"; did you mean '{name}'?" : "";

    /// <summary>The nearest name within a third of the typed one's length (at least 2), or null.</summary>
    public static string? Of(string typed, IEnumerable<string> known)
    {
        int limit = Math.Max(2, typed.TrimStart('-').Length / 3);
        return known.Select(name => (Name: name, Distance: Configs.NearestName.Distance(typed, name)))
            .Where(pair => pair.Distance <= limit && pair.Distance < pair.Name.TrimStart('-').Length)
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .Select(pair => pair.Name).FirstOrDefault();
    }
}
