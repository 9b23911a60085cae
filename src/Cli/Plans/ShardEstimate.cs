namespace ClusterBench.Cli.Plans;

/// <summary>How many pieces a split is cut into; the coordinator's plan decides it when the run begins.</summary>
internal static class ShardEstimate
{
    /// <summary>Images of a shard that the coordinator aims at.</summary>
    private const int Aim = 512;

    public static int Of(int images, int batch)
    {
        int perShard = Math.Max(1, Aim / batch) * batch;
        return (images + perShard - 1) / perShard;
    }
}
