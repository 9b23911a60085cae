using Akka.Actor;
using ClusterBench.Coordinator.Journal;

namespace ClusterBench.Coordinator.Runs;

/// <summary>What a run needs of the node that it lives on.</summary>
/// <param name="Coordinator">The benchmark coordinator.</param>
/// <param name="Owner">The embedded call that this node belongs to; empty on a long-lived cluster.</param>
/// <param name="Time">The clock; times stand in events, so a replay does not ask it.</param>
public sealed record RunContext(ICanTell Coordinator, string Owner, TimeProvider Time)
{
    /// <summary>Hears of every write that the journal refused.</summary>
    public JournalFailure? Journal { get; init; }

    /// <summary>Milliseconds since 1970 (UTC).</summary>
    public long Now() => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
