namespace ClusterBench.Configs;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
public static class NearestName
{
    /// <summary><c>; did you mean 'knn'?</c>, or nothing when no name is near.</summary>
    public static string Hint(string name, IEnumerable<string> candidates) => Of(name, candidates) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>
    /// The candidate with the smallest Damerau-Levenshtein distance (letter case aside), the first among equals; null when that takes more
    /// edits than a third of the name (two for short names) or touches half of it. The dashes before an option's name do not count.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var length = name.TrimStart('-').Length;
        var limit = Math.Max(2, length / 3);
        return candidates
            .Select(c => (Name: c, Distance: Distance(name.ToLowerInvariant(), c.ToLowerInvariant())))
            .Where(c => c.Distance <= limit && c.Distance * 2 < Math.Max(length, c.Name.TrimStart('-').Length))
            .OrderBy(c => c.Distance)
            .Select(c => c.Name)
            .FirstOrDefault();
    }

    /// <summary>
    /// Insertions, deletions, substitutions and exchanges of neighbours that turn one text into the other, no part edited twice
    /// (optimal string alignment; Damerau 1964, Levenshtein 1966). Texts are cut at 64 characters.
    /// </summary>
    public static int Distance(string a, string b)
    {
        a = a.Length > 64 ? a[..64] : a;
        b = b.Length > 64 ? b[..64] : b;
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }
                var substitution = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(substitution, 1 + Math.Min(d[i - 1, j], d[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }
        return d[a.Length, b.Length];
    }
}
