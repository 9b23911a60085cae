using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>Records of numbers.</summary>
public static class Records
{
    /// <summary>As <see cref="ICollective.Gather"/>, of double precision numbers; their bits arrive unchanged.</summary>
    /// <param name="records">One row of each hosted virtual rank, all rows equally long.</param>
    /// <returns>The rows of the virtual ranks 0..V-1.</returns>
    public static IReadOnlyList<double[]> Gather(this ICollective collective, long step, IReadOnlyList<double[]> records)
    {
        ArgumentNullException.ThrowIfNull(collective);
        var gathered = collective.Gather(step, [.. records.Select(static row => MemoryMarshal.AsBytes(row.AsSpan()).ToArray())]);
        return [.. gathered.Select(static bytes => MemoryMarshal.Cast<byte, double>(bytes).ToArray())];
    }
}
