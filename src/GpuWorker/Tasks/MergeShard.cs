using ClusterBench.Arrays;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Merges the blocks' neighbours, lets them vote, and writes the predictions: int32, queries x the ks in rising order.</summary>
internal static class MergeShard
{
    public static ShardCompleted Run(ShardContext context)
    {
        var knn = context.Session.Config.Knn!;
        var blocks = context.Files("topk/", TopKShard.Similarity).Zip(context.Files("topk/", TopKShard.Index), Read).ToList();
        var neighbours = KnnMerge.Merge(blocks, knn.K.Max());
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

    private static KnnCandidates Read(ShardFile similarity, ShardFile index)
    {
        using var similarities = NpyArray.Open(similarity.Path);
        using var indices = NpyArray.Open(index.Path);
        var (rows, columns) = (checked((int)similarities.Shape[0]), checked((int)similarities.Shape[1]));
        return new KnnCandidates(rows, columns, similarities.Rows<float>(0, rows).ToArray(), indices.Rows<int>(0, rows).ToArray());
    }
}
