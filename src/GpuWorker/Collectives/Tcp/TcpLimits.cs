namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>How long the data plane waits, and for how much.</summary>
public sealed record TcpLimits
{
    /// <summary>A connection on which nothing else is sent carries a keep-alive this often.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A peer of which nothing comes for so long is lost.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a generation's members wait for one another.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Bytes that one peer may be ahead of this member's calls. Beyond, nothing is read from it, and its silence is not counted, until a
    /// call has taken some.
    /// </summary>
    public long MaxEarlyBytes { get; init; } = 256 << 20;
}
