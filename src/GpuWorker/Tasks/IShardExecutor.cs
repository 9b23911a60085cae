using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Does the work of a shard; called from one thread only.</summary>
public interface IShardExecutor : IDisposable
{
    /// <summary>Computes the shard and stores its files; fills <see cref="ShardDone.Plan"/> or <see cref="ShardDone.Result"/>.</summary>
    /// <param name="shard">What to do.</param>
    /// <param name="progress">Called with units done and in all.</param>
    /// <param name="cancel">The shard is not wanted any more.</param>
    /// <exception cref="UserErrorException">The input is bad, or a disk is full: no worker could do it.</exception>
    /// <exception cref="UnusableProcessException">This process must compute nothing more.</exception>
    ShardDone Execute(RunShard shard, Action<long, long> progress, CancellationToken cancel);
}
