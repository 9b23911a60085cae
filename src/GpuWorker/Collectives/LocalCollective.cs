using ClusterBench.Faults;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>A gang of one: the same tree and the same bits, in this process alone.</summary>
public sealed unsafe class LocalCollective : ICollective
{
    private readonly TreeAddition[] _additions;
    private CollectiveAbortedException? _aborted;

    /// <exception cref="ArgumentException">The gang has more than one member.</exception>
    public LocalCollective(CollectiveGroup group)
    {
        if (group.Members.Count != 1)
            throw new ArgumentException($"{group}: a gang of {group.Members.Count} needs an engine between processes", nameof(group));
        Group = group;
        // One member hosts the whole tree, so there is one sum and nothing is left to add.
        _additions = [.. ReductionTree.Additions(group.VirtualRanks, group.Subtrees(0))];
    }

    public CollectiveGroup Group { get; }

    public CollectiveAbortedException? Aborted => Volatile.Read(ref _aborted);

    public long BytesSent => 0;

    public long BytesReceived => 0;

    public IPendingReduction Reduce(long step, int bucket, IReadOnlyList<Tensor> sums, Tensor mean)
    {
        ThrowIfAborted();
        var addresses = FlatMemory.Sums(sums, mean, expected: 1);
        Fault.Point(FaultPoints.StepMidReduce);
        TreeSum.Run(_additions, addresses, 0, TreeSum.Mean(Group.VirtualRanks), (float*)FlatMemory.Of(mean), mean.numel());
        return new Done(this);
    }

    public IReadOnlyList<byte[]> Gather(long step, IReadOnlyList<byte[]> records)
    {
        ThrowIfAborted();
        _ = FlatMemory.RecordSize(records, Group.VirtualRanks);
        return [.. records];
    }

    public void Broadcast(long step, Tensor values) => ThrowIfAborted();

    public void CopyState(long step, int source, bool needed, IReadOnlyList<StateTensor> state)
    {
        ThrowIfAborted();
        ArgumentOutOfRangeException.ThrowIfNotEqual(source, 0);
        if (needed)
            throw new ArgumentException("the source of the state does not need it", nameof(needed));
    }

    public void Abort(string reason) => Interlocked.CompareExchange(
        ref _aborted, new CollectiveAbortedException(Group, reason, AbortCause.Requested, null), null);

    public void Dispose() => Abort("the generation has ended here");

    private void ThrowIfAborted()
    {
        if (Aborted is { } aborted)
            throw new CollectiveAbortedException(aborted);
    }

    private sealed class Done(LocalCollective owner) : IPendingReduction
    {
        public void Wait() => owner.ThrowIfAborted();
    }
}
