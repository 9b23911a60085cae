namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>How long the data plane waits.</summary>
public sealed record TcpTimes
{
    /// <summary>A connection on which nothing else is sent carries a keep-alive this often.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A peer of which nothing comes for so long is lost.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a generation's members wait for one another.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);
}
