using ClusterBench.GpuWorker.Collectives;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>A collective that tells the watch when the thread that trains waits for peers.</summary>
internal sealed class WatchedCollective(ICollective inner, StepWatch watch) : ICollective
{
    public CollectiveGroup Group => inner.Group;

    public CollectiveAbortedException? Aborted => inner.Aborted;

    public long BytesSent => inner.BytesSent;

    public long BytesReceived => inner.BytesReceived;

    public IPendingReduction Reduce(long step, int bucket, IReadOnlyList<Tensor> sums, Tensor mean) =>
        new Pending(this, Waiting(() => inner.Reduce(step, bucket, sums, mean)));

    public IReadOnlyList<byte[]> Gather(long step, IReadOnlyList<byte[]> records) => Waiting(() => inner.Gather(step, records));

    public void Broadcast(long step, Tensor values) => Waiting(() =>
    {
        inner.Broadcast(step, values);
        return 0;
    });

    public void CopyState(long step, int source, bool needed, IReadOnlyList<StateTensor> state) => Waiting(() =>
    {
        inner.CopyState(step, source, needed, state);
        return 0;
    });

    public void Abort(string reason) => inner.Abort(reason);

    /// <summary>Does nothing: the collective is its maker's.</summary>
    public void Dispose()
    {
    }

    private T Waiting<T>(Func<T> call)
    {
        var watched = watch.Pause();
        var result = call();
        if (watched)
            watch.Resume();
        return result;
    }

    private sealed class Pending(WatchedCollective owner, IPendingReduction inner) : IPendingReduction
    {
        public void Wait() => owner.Waiting(() =>
        {
            inner.Wait();
            return 0;
        });
    }
}
