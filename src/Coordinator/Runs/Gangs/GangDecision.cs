using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs.Gangs;

/// <summary>What the run has to do next about its gang.</summary>
internal abstract record GangDecision
{
    /// <summary>Store a new generation of these workers, in rank order; then it prepares.</summary>
    /// <param name="Reason">Why the one before is over.</param>
    /// <param name="Lost">Members of it that are not heard of any more.</param>
    internal sealed record Form(IReadOnlyList<LentWorker> Members, string Reason, IReadOnlyList<GangMemberData> Lost) : GangDecision;

    /// <summary>Store where the generation goes on from; then every member is told to begin.</summary>
    /// <param name="Source">Rank of the member whose state or file it is; -1: every member makes the initial state.</param>
    /// <param name="Checkpoint">The file that the source reads; null: it has the state.</param>
    internal sealed record Begin(long Step, int Source, CheckpointWritten? Checkpoint, IReadOnlyList<string> Notes) : GangDecision;

    /// <summary>The run has failed.</summary>
    internal sealed record Fail(string Error) : GangDecision;
}
