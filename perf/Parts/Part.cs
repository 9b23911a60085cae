using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>What a part gets: how thorough to be, and whom to tell what it does.</summary>
internal sealed record Conditions(bool Quick, Action<string> Say)
{
    public int Times(int full, int quick) => Quick ? quick : full;
}

internal static class PartList
{
    /// <summary>All parts by name, in the order of a call that names none.</summary>
    public static readonly IReadOnlyList<(string Name, Func<Conditions, Task<IReadOnlyList<Table>>> Run)> All =
    [
        ("start", StartPart.RunAsync), ("memory", MemoryPart.RunAsync), ("recovery", RecoveryPart.RunAsync),
        ("extract", ExtractPart.RunAsync), ("files", FilesPart.RunAsync), ("knn", KnnPart.RunAsync), ("allreduce", AllReducePart.RunAsync),
    ];
}
