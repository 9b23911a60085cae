using ClusterBench.Api;

namespace ClusterBench.Cli.Embedded;

/// <summary>The state dir's cluster belongs to another call, which still runs: one call, one cluster, one owner.</summary>
/// <param name="stateDir">The state dir.</param>
/// <param name="ownerPid">Process id of the owner, where it could be read.</param>
/// <param name="cluster">How its cluster is reached; null while it is just starting.</param>
/// <param name="inner">What the lock said.</param>
public sealed class StateDirOwnedException(string stateDir, int? ownerPid, ClusterFile? cluster, Exception inner)
    : UserErrorException(
        $"Another call{(ownerPid is null ? "" : $" (pid {ownerPid})")} runs a cluster in {stateDir}{(cluster is null ? "" : $", at {cluster.Url}")}, " +
        "and a cluster has one owner. 'runs', 'status', 'logs' and 'cancel' work beside it; to start another run now, give this call a " +
        "folder of its own with --state-dir DIR, or wait until the other one is done.",
        exitCode: 2, inner)
{
    /// <summary>Process id of the call that owns the cluster.</summary>
    public int? OwnerPid { get; } = ownerPid;

    /// <summary>Address and token of its cluster.</summary>
    public ClusterFile? Cluster { get; } = cluster;
}
