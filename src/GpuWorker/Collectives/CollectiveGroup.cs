using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>A worker of the gang; its rank in the gang is its index in <see cref="CollectiveGroup.Members"/>.</summary>
/// <param name="Worker">The place: host and device.</param>
/// <param name="Incarnation">The process: another one at the same place is not this member.</param>
/// <param name="Host">Where its data plane listens.</param>
/// <param name="Port">Where its data plane listens.</param>
public sealed record CollectiveMember(string Worker, string Incarnation, string Host, int Port);

/// <summary>One generation of a run's gang as one of its members sees it. All members have the same but for <see cref="Rank"/>.</summary>
public sealed record CollectiveGroup
{
    private IReadOnlyList<RankBlock>? _hosting;

    public required string Run { get; init; }

    /// <summary>Each re-forming has a higher one; whatever belongs to a lower one is refused.</summary>
    public required int Generation { get; init; }

    /// <summary>Hash of the run's plan: members that compute by different plans must not meet.</summary>
    public required string PlanHash { get; init; }

    /// <summary>V.</summary>
    public required int VirtualRanks { get; init; }

    /// <summary>W members, in the order of their ranks in the gang.</summary>
    public required IReadOnlyList<CollectiveMember> Members { get; init; }

    /// <summary>This process's index in <see cref="Members"/>.</summary>
    public required int Rank { get; init; }

    /// <summary>The virtual ranks of each member.</summary>
    public IReadOnlyList<RankBlock> Hosting => _hosting ??= RankHosting.Blocks(VirtualRanks, Members.Count);

    /// <summary>The virtual ranks of this member.</summary>
    public RankBlock Hosted => Hosting[Rank];

    public CollectiveMember Self => Members[Rank];

    /// <summary>The sub-trees of a member's ranks: the sums it hands to <see cref="ICollective.Reduce"/>, in this order.</summary>
    public IReadOnlyList<TreeNode> Subtrees(int member) => ReductionTree.MaximalSubtrees(VirtualRanks, Hosting[member]);

    /// <summary>How errors begin: run, generation and worker.</summary>
    public override string ToString() => $"run {Run}, generation {Generation}, worker {Self.Worker} (rank {Rank} of {Members.Count})";

    /// <summary>How errors name a member.</summary>
    internal string Name(int member) =>
        $"rank {member} (worker {Members[member].Worker}, incarnation {Members[member].Incarnation})";
}
