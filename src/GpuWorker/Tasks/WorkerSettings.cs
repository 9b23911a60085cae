namespace ClusterBench.GpuWorker.Tasks;

/// <summary>What of this process changes speed and never a bit: its share of the cores and where its store lies.</summary>
/// <param name="Cores">Cores that this worker may use; its share where several run on one machine.</param>
/// <param name="StoreRoot">Root of the content-addressed feature store.</param>
public sealed record WorkerSettings(int Cores, string StoreRoot)
{
    /// <summary>Forward passes at once for a number of intra-op threads each.</summary>
    public int Tokens(int threads) => Math.Max(1, Cores / threads);
}
