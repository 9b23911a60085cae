using ClusterBench.GpuWorker.Devices;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>What shards need of this process: its share of the cores and its store, which change no bit, and its device, which does.</summary>
/// <param name="Cores">Cores that this worker may use; its share where several run on one machine.</param>
/// <param name="StoreRoot">Root of the content-addressed feature store.</param>
/// <param name="Device">What it computes on; the probe digest tells devices apart.</param>
public sealed record WorkerSettings(int Cores, string StoreRoot, ComputeDevice Device)
{
    /// <summary>Forward passes at once on the processor for a number of intra-op threads each.</summary>
    public int Tokens(int threads) => Math.Max(1, Cores / threads);
}
