using Akka.Actor;
using ClusterBench.Coordinator.Journal;

namespace ClusterBench.Coordinator.Queue;

/// <summary>What the benchmark coordinator needs of the node that it lives on.</summary>
/// <param name="Runs">The shard region of runs.</param>
/// <param name="Owner">The embedded call that this node belongs to; empty on a long-lived cluster.</param>
/// <param name="Time">The clock.</param>
public sealed record CoordinatorContext(ICanTell Runs, string Owner, TimeProvider Time)
{
    /// <summary>Hears of every write that the journal refused.</summary>
    public JournalFailure? Journal { get; init; }

    /// <summary>Milliseconds since 1970 (UTC).</summary>
    public long Now() => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
