using ClusterBench.Arrays;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>The nearest neighbours of every query within one block of the bank.</summary>
internal static class TopKShard
{
    public const string Similarity = "similarity";
    public const string Index = "index";

    public static ShardCompleted Run(ShardContext context)
    {
        var (shard, plan, config) = (context.Shard, context.Plan, context.Session.Config);
        var feature = config.Features[0];
        var queries = plan.Splits.Single(s => s.Split == "val").Images;
        var tiles = new KnnTiles(plan.Knn.QueryTile, plan.Knn.BankTile, plan.Threads);
        var found = KnnSearch.Block(
            RowReader.Read(context, "val", feature, 0, queries), RowReader.Read(context, "train", feature, shard.Start, shard.End),
            plan.Dimensions[feature], shard.Start, config.Knn!.K.Max(), tiles, context.Settings.Tokens(plan.Threads), device: context.Settings.Device, cancellation: context.Cancel);

        Fault.Point(FaultPoints.ShardBeforeStore);
        var folder = Path.Combine(context.Submission.WorkDir, "knn");
        var name = shard.Id.Replace('/', '-');
        long[] shape = [found.Queries, found.Count];
        return new ShardCompleted
        {
            Files =
            {
                ContentStore.Put(folder, $"{name}-{Similarity}", NpyBytes.Of<float>(shape, found.Similarities), Similarity),
                ContentStore.Put(folder, $"{name}-{Index}", NpyBytes.Of<int>(shape, found.Indices), Index),
            },
        };
    }
}
