using ClusterBench.GpuWorker.Collectives;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

/// <summary>A collective that is lost at one call of one step, as when a peer dies there.</summary>
internal sealed class FailingCollective(ICollective inner, string call, long step) : ICollective
{
    public CollectiveGroup Group => inner.Group;

    public CollectiveAbortedException? Aborted => inner.Aborted;

    public long BytesSent => inner.BytesSent;

    public long BytesReceived => inner.BytesReceived;

    public bool HasFailed { get; private set; }

    public IPendingReduction Reduce(long step, int bucket, IReadOnlyList<Tensor> sums, Tensor mean)
    {
        Fail(nameof(Reduce), step);
        return inner.Reduce(step, bucket, sums, mean);
    }

    public IReadOnlyList<byte[]> Gather(long step, IReadOnlyList<byte[]> records)
    {
        Fail(nameof(Gather), step);
        return inner.Gather(step, records);
    }

    public void Broadcast(long step, Tensor values)
    {
        Fail(nameof(Broadcast), step);
        inner.Broadcast(step, values);
    }

    public void CopyState(long step, int source, bool needed, IReadOnlyList<StateTensor> state) => inner.CopyState(step, source, needed, state);

    public void Abort(string reason) => inner.Abort(reason);

    public void Dispose() => inner.Dispose();

    private void Fail(string name, long at)
    {
        if (name != call || at != step)
            return;
        HasFailed = true;
        throw new CollectiveAbortedException(Group, $"rank 1 is lost in {name}", AbortCause.Closed, 1);
    }
}
