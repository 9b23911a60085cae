using System.Globalization;

namespace ClusterBench.GpuWorker.Models;

/// <summary>A tensor that is there under the right name but does not fit.</summary>
/// <param name="Reason">Both sides, e.g. <c>float32 [64, 3, 7, 7] in the checkpoint, [64, 3, 3, 3] in the network</c>.</param>
public sealed record MisfitTensor(string Name, string Reason);

/// <summary>What came of loading a checkpoint into a network.</summary>
/// <param name="Matched">Tensors of the network that were loaded.</param>
/// <param name="Missing">Tensors of the network that the checkpoint does not have; they stay as they were.</param>
/// <param name="LeftOver">Tensors of the checkpoint that the network does not have.</param>
/// <param name="Misfits">Tensors that both have, with different shapes or types.</param>
/// <param name="NotFinite">Loaded tensors that hold NaN or infinity.</param>
public sealed record LoadReport(
    IReadOnlyList<string> Matched,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> LeftOver,
    IReadOnlyList<MisfitTensor> Misfits,
    IReadOnlyList<string> NotFinite)
{
    private const int Shown = 5;

    /// <summary>Whether every parameter and every batch-norm statistic was loaded; the count of batches seen is not needed.</summary>
    public bool IsComplete => Misfits.Count == 0 && Missing.All(IsOptional);

    /// <summary>The report for a person: one line for each kind of result, the first names of each.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            var lines = new List<string> { $"{Matched.Count} tensors of the backbone loaded" };
            Add(lines, "missing in the checkpoint", Missing);
            Add(lines, "left over in the checkpoint (not part of the backbone)", LeftOver);
            Add(lines, "not fitting", [.. Misfits.Select(misfit => $"{misfit.Name}: {misfit.Reason}")]);
            Add(lines, "holding NaN or infinity", NotFinite);
            return lines;
        }
    }

    internal static bool IsOptional(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    private static void Add(List<string> lines, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        var more = names.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - Shown} more") : "";
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{names.Count} {what}: {string.Join(", ", names.Take(Shown))}{more}"));
    }
}
