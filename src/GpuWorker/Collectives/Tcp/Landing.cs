namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// Memory of a caller's into which a peer's chunks are received without a copy. It is set up before the peer can know that it may send.
/// </summary>
internal sealed class Landing(FrameKind kind, int generation, long step, int bucket, nint address, long bytes)
{
    private readonly int _chunks = Frame.Chunks(bytes);
    private int _arrived;

    /// <summary>All chunks are there. Read and written under the gate.</summary>
    public bool IsComplete => _arrived == _chunks;

    /// <summary>The frame that must come next.</summary>
    public Frame Expected => new(kind, generation, step, bucket, _arrived, Frame.ChunkLength(bytes, _arrived));

    /// <summary>Where its payload belongs.</summary>
    public nint Address => address + (nint)((long)_arrived * Frame.MaxLength);

    public void Arrived() => _arrived++;
}
