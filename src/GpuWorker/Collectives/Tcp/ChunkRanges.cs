namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// Which part of a bucket each member finishes: contiguous, as equal as 64-byte boundaries allow. Sums are element-wise, so no bit
/// depends on it.
/// </summary>
/// <param name="length">Floats of the bucket.</param>
internal sealed class ChunkRanges(long length, int members)
{
    private const int Unit = 16;

    /// <summary>First float of a member's part and number of floats.</summary>
    public (long First, long Count) this[int member] => (Cut(member), Cut(member + 1) - Cut(member));

    private long Cut(int member) => Math.Min(length, (length + Unit - 1) / Unit * member / members * Unit);
}
