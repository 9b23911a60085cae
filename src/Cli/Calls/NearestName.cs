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
        return known.Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(pair => pair.Distance <= limit && pair.Distance < pair.Name.TrimStart('-').Length)
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .Select(pair => pair.Name).FirstOrDefault();
    }

    /// <summary>Edits between two names: insert, delete, replace, swap neighbours (optimal string alignment).</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
