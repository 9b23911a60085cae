using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs.Gangs;

/// <summary>A member of the present gang as the run sees it.</summary>
internal sealed class GangMemberView(GangMemberData data, DateTimeOffset since)
{
    public GangMemberData Data => data;

    /// <summary>The newest report of this generation; null until there is one.</summary>
    public GangReport? Report { get; private set; }

    /// <summary>When it was last heard of, or when the run began to listen.</summary>
    public DateTimeOffset Heard { get; private set; } = since;

    /// <summary>The cluster has removed it: it may live on all the same.</summary>
    public bool Removed { get; set; }

    /// <summary>Another process is in its place: it is dead.</summary>
    public bool Replaced { get; set; }

    public GangMemberState State => Report?.State ?? GangMemberState.Unspecified;

    public void Hear(GangReport report, DateTimeOffset now) => (Report, Heard, Removed) = (report, now, false);
}
