namespace ClusterBench.Cluster;

/// <summary>Names that all nodes must agree on.</summary>
public static class ClusterNames
{
    /// <summary>Name of every node's ActorSystem; part of its address.</summary>
    public const string System = "clusterbench";

    /// <summary>Role of the one node that holds the journal's lease.</summary>
    public const string CoordinatorRole = "coordinator";

    /// <summary>Name of the singleton actor that keeps the queue of runs and the register of workers.</summary>
    public const string Singleton = "benchmark-coordinator";

    /// <summary>Role of the nodes that compute.</summary>
    public const string WorkerRole = "worker";

    private const string WorkerIdPrefix = "worker-id:";

    /// <summary>A second role of each worker, by which the list of members shows whose node it is.</summary>
    public static string WorkerIdRole(string workerId) => WorkerIdPrefix + workerId;

    /// <summary>The worker id among a member's roles; null for a coordinator.</summary>
    public static string? WorkerIdOf(IEnumerable<string> roles)
    {
        var role = roles.FirstOrDefault(static r => r.StartsWith(WorkerIdPrefix, StringComparison.Ordinal));
        return role?[WorkerIdPrefix.Length..];
    }
}
