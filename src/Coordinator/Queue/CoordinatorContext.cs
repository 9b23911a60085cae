using Akka.Actor;

namespace ClusterBench.Coordinator.Queue;

/// <summary>What the benchmark coordinator needs of the node that it lives on.</summary>
/// <param name="Runs">The shard region of runs.</param>
/// <param name="Owner">The embedded call that this node belongs to; empty on a long-lived cluster.</param>
/// <param name="Time">The clock.</param>
public sealed record CoordinatorContext(ICanTell Runs, string Owner, TimeProvider Time)
{
    /// <summary>Milliseconds since 1970 (UTC).</summary>
    public long Now() => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
