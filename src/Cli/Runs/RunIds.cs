using System.Globalization;

namespace ClusterBench.Cli.Runs;

/// <summary>Ids of runs: <c>knn-20261123-4f2a</c>, that is benchmark, day (UTC) and four hex digits of the run's hash.</summary>
internal static class RunIds
{
    /// <param name="taken">Ids that exist; a number is appended to stay apart from them.</param>
    public static string New(string benchmark, DateTimeOffset now, string hash, IReadOnlySet<string> taken)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{benchmark}-{now.UtcDateTime:yyyyMMdd}-{hash[..4]}");
        if (!taken.Contains(id))
            return id;
        for (int number = 2; ; number++)
        {
            string numbered = string.Create(CultureInfo.InvariantCulture, $"{id}-{number}");
            if (!taken.Contains(numbered))
                return numbered;
        }
    }
}
