using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>What a worker says of itself, and what is said to the person or parent that started it.</summary>
/// <param name="identity">Who this process is.</param>
/// <param name="dataHost">Where the other workers reach its data plane.</param>
/// <param name="dataPort">Where the other workers reach its data plane.</param>
public sealed class WorkerCard(WorkerIdentity identity, string dataHost = "", int dataPort = 0)
{
    private volatile Probe? probe;
    private int ready;

    private sealed record Probe(string Digest, IReadOnlyDictionary<string, string> Machine);

    /// <summary>The coordinator does not take this worker.</summary>
    public event Action<string>? OnRefused;

    /// <summary>The probe has been computed.</summary>
    public bool IsComplete => probe is not null;

    /// <summary>SHA-256 of the probe; what its bits depend on, by name.</summary>
    public void Complete(string digest, IReadOnlyDictionary<string, string> machine) => probe = new Probe(digest, machine);

    /// <summary>The probe digest.</summary>
    public string Digest => probe?.Digest ?? "";

    /// <summary>Fields of the machine.</summary>
    public IReadOnlyDictionary<string, string> Machine => probe?.Machine ?? new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Who the worker is and what it works on.</summary>
    public WorkerHello Hello((string Run, string Shard)? current, bool draining = false)
    {
        var hello = new WorkerHello
        {
            Worker = identity.Id, Incarnation = identity.Incarnation, ProtocolVersion = WireTypes.ProtocolVersion, ProgramVersion = ProgramInfo.Version,
            Host = identity.Host, Pid = Environment.ProcessId, Device = identity.Device, ProbeDigest = Digest,
            Run = current?.Run ?? "", Shard = current?.Shard ?? "",
            Draining = draining, DataHost = dataHost, DataPort = dataPort,
        };
        hello.Machine.Add(Machine.ToDictionary(StringComparer.Ordinal));
        return hello;
    }

    /// <summary>The coordinator has taken the worker; a parent waits for this line.</summary>
    public void Welcomed()
    {
        if (Interlocked.Exchange(ref ready, 1) == 0)
        {
            Console.Out.WriteLine("clusterbench: ready");
        }
    }

    internal void Refused(string reason) => OnRefused?.Invoke(reason);
}
