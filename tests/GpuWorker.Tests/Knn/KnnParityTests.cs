using System.Text.Json;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Tests.Features;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Knn;

/// <summary>Predictions and accuracies equal those of PyTorch on the same features.</summary>
public sealed class KnnParityTests
{
    private static readonly int[] Ks = [10, 20, 100, 200];

    // Rounding decides the k-th neighbour of some queries of the random backbone: two predictions per k may differ.
    [Theory, InlineData("simclr", 0), InlineData("random", 2)]
    public void Samples_give_the_predictions_and_accuracies_of_PyTorch(string checkpoint, int allowed)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("knn", "samples.json")));
        var (bank, width) = Samples.Features(checkpoint, "train_feat5");
        var (queries, _) = Samples.Features(checkpoint, "val_feat5");
        var tiles = new KnnTiles(QueryTile: 256, BankTile: 512, Threads: 1);
        var blocks = new[] { (0, 1024), (1024, 512), (1536, 464) }.Select(block => KnnSearch.Block(
            queries, bank.AsMemory(block.Item1 * width, block.Item2 * width), width, block.Item1, 200, tiles, tokens: 2, cancellation: TestContext.Current.CancellationToken));
        var results = KnnVote.Evaluate(KnnMerge.Merge([.. blocks], 200), Samples.Labels("train.txt"), Samples.Labels("val.txt"), Ks, 0.07, 10);
        foreach (var result in results)
        {
            var reference = expected.RootElement.GetProperty(checkpoint).GetProperty($"k{result.K}");
            var predictions = Npy.Bytes(Fixtures.Path("features", checkpoint, $"knn_pred_k{result.K}.npy"));
            Assert.InRange(result.Predictions.Zip(predictions).Count(pair => pair.First != pair.Second), 0, allowed);
            Assert.InRange(Math.Abs(result.Top1 - reference.GetProperty("top1").GetDouble()), 0, 0.1 * allowed + 1e-9);
            Assert.InRange(Math.Abs(result.Top5 - reference.GetProperty("top5_stable").GetDouble()), 0, 0.1 * allowed + 1e-9);
        }
    }

    [Fact]
    public void Small_data_gives_the_neighbours_votes_and_rankings_of_the_original()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("knn", "ml_knn.json")));
        var root = document.RootElement;
        var (bankLabels, queryLabels) = (Ints(root.GetProperty("bank_labels")), Ints(root.GetProperty("query_labels")));
        var (bank, queries) = (Blobs("knn.bank", bankLabels), Blobs("knn.query", queryLabels));
        Assert.Equal(Models.ModelFixture.Floats(root.GetProperty("bank_first_row")), bank[..16]);
        var neighbours = KnnMerge.Merge([KnnSearch.Block(queries, bank, 16, 0, 200, new(64, 64, 1), 1, cancellation: TestContext.Current.CancellationToken)], 200);
        foreach (var entry in root.GetProperty("k").EnumerateObject())
        {
            var (k, expected) = (int.Parse(entry.Name, null), entry.Value);
            var result = Assert.Single(KnnVote.Evaluate(neighbours, bankLabels, queryLabels, [k], 0.07, 5));
            Assert.Equal(Ints(expected.GetProperty("predictions_all150")), result.Predictions);
            Assert.Equal(expected.GetProperty("original_top1_all150").GetDouble(), result.Top1, 1e-9);
            Assert.Equal(expected.GetProperty("original_top5_all150").GetDouble(), result.Top5, 1e-9);
            for (var query = 0; query < 3; query++)
            {
                // The neighbours of the larger k are not stored; the votes that they come to are.
                if (expected.GetProperty("neighbours_first3") is { ValueKind: JsonValueKind.Array } stored)
                    Assert.Equal(Ints(stored[query]), neighbours.IndicesOf(query)[..k].ToArray());
                var votes = KnnVote.Votes(neighbours, query, bankLabels, k, 0.07, 5);
                Assert.All(expected.GetProperty("votes_first3")[query].EnumerateArray().Index(), vote =>
                    Assert.Equal(vote.Item.GetDouble(), votes[vote.Index], vote.Item.GetDouble() * 1e-5 + 1e-9));
            }
        }
    }

    /// <summary>centers[label] + noise in double, rounded to float32.</summary>
    private static float[] Blobs(string set, int[] labels)
    {
        var centers = new float[5 * 16];
        var values = new float[labels.Length * 16];
        Formula.Fill(centers, "knn.centers", 1);
        Formula.Fill(values, set + ".noise", 1.6);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((double)centers[labels[i / 16] * 16 + i % 16] + values[i]);
        return values;
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];
}
