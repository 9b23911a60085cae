using System.Globalization;

namespace ClusterBench.Runs;

/// <summary>Names of the files that shards write.</summary>
public static class PlanNames
{
    /// <summary>An extraction shard's rows of one feature.</summary>
    public static string Rows(string split, int start, int end) => string.Create(CultureInfo.InvariantCulture, $"{split}-{start:D8}-{end:D8}");
}
