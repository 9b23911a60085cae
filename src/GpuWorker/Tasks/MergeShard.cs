using ClusterBench.Arrays;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Merges the blocks' neighbours, lets them vote, and writes the predictions: int32, queries x the ks in rising order.</summary>
internal static class MergeShard
{
    /// <summary>Queries at a time: all blocks' neighbours of all queries would be gigabytes for a bank like ImageNet's.</summary>
    private const int Tile = 1024;

    public static ShardCompleted Run(ShardContext context)
    {
        var knn = context.Session.Config.Knn!;
        var neighbours = Merge(context.Files("topk/", TopKShard.Similarity), context.Files("topk/", TopKShard.Index), knn.K.Max());
        int[] bank = [.. context.Session.List("train").Select(e => e.Label)];
        int[] queries = [.. context.Session.List("val").Select(e => e.Label)];
        var classes = Math.Max(bank.Max(), queries.Max()) + 1;
        var results = KnnVote.Evaluate(neighbours, bank, queries, knn.K, knn.Temperature, classes);

        Fault.Point(FaultPoints.ShardBeforeStore);
        var done = new ShardCompleted();
        foreach (var metric in results.SelectMany(r => r.Metrics))
        {
            done.Metrics.Add(metric.Key, metric.Value);
        }

        var ordered = results.OrderBy(r => r.K).ToList();
        var predictions = new int[queries.Length * ordered.Count];
        for (var query = 0; query < queries.Length; query++)
        {
            for (var k = 0; k < ordered.Count; k++)
            {
                predictions[(query * ordered.Count) + k] = ordered[k].Predictions[query];
            }
        }

        var content = NpyBytes.Of<int>([queries.Length, ordered.Count], predictions);
        done.Files.Add(ContentStore.Put(Path.Combine(context.Submission.WorkDir, "knn"), "predictions", content, "predictions"));
        return done;
    }

    /// <summary>Merges the blocks' files, which are mapped: what is in memory at a time is one tile of them, and the result.</summary>
    internal static KnnCandidates Merge(IReadOnlyList<ShardFile> similarities, IReadOnlyList<ShardFile> indices, int k)
    {
        List<(NpyArray Similarity, NpyArray Index)> blocks = [];
        try
        {
            foreach (var (similarity, index) in similarities.Zip(indices))
            {
                blocks.Add((NpyArray.Open(similarity.Path), NpyArray.Open(index.Path)));
            }

            var merged = new KnnCandidates(checked((int)blocks[0].Similarity.Shape[0]), k);
            for (var query = 0; query < merged.Queries; query += Tile)
            {
                var rows = Math.Min(Tile, merged.Queries - query);
                KnnMerge.Merge([.. blocks.Select(block => Rows(block, query, rows))], k).CopyTo(merged, query);
            }

            return merged;
        }
        finally
        {
            blocks.ForEach(block => { block.Similarity.Dispose(); block.Index.Dispose(); });
        }
    }

    private static KnnCandidates Rows((NpyArray Similarity, NpyArray Index) block, int query, int rows) => new(
        rows, checked((int)block.Similarity.Shape[1]), block.Similarity.Rows<float>(query, rows).ToArray(), block.Index.Rows<int>(query, rows).ToArray());
}
