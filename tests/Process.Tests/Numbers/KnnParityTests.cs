using ClusterBench.Api;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Numbers;

/// <summary>The whole program on the samples against PyTorch, from the checkpoint to the number.</summary>
public sealed class KnnParityTests
{
    [Fact]
    public async Task Accuracies_and_predictions_are_PyTorchs_and_every_bit_is_the_same_with_1_2_and_3_workers()
    {
        IReadOnlyDictionary<string, string>? first = null;
        foreach (int workers in new[] { 1, 2, 3 })
        {
            await using var folder = new TestFolder();

            var result = (await folder.RunAsync(folder.Knn(Installation.Simclr, workers, "--no-cache"))).Ended(0);

            AssertEqual(PyTorch.Metrics("simclr"), result.Outcome().Metrics, tolerance: 1e-9);
            RunResults results = folder.Results();
            Assert.Equal(result.Outcome().Metrics, results.Metrics);
            Assert.Equal(3000, results.ImagesDecoded);
            var journal = RunJournal.Read(folder.StateDir);
            journal.AssertWhole();
            journal.AssertEachImageDecodedOnce();
            int[][] predictions = Predictions(journal);
            for (var k = 0; k < PyTorch.Ks.Length; k++)
                Assert.Equal(PyTorch.Predictions("simclr", PyTorch.Ks[k]), predictions[k].Select(p => (long)p));
            first ??= journal.Contents;
            Assert.Equal(first, journal.Contents);
            // Who computes must not be told from the result, but all must have computed.
            Assert.Equal(workers, journal.State.Completed.Values.Select(done => done.Incarnation).Distinct(StringComparer.Ordinal).Count());
            await folder.NothingSurvivesAsync();
        }
    }

    [Fact]
    public async Task Of_the_untrained_network_whose_neighbours_rounding_decides_at_most_two_predictions_per_k_differ()
    {
        await using var folder = new TestFolder();

        var result = (await folder.RunAsync(folder.Knn(Installation.RandomInit, 2))).Ended(0);

        AssertEqual(PyTorch.Metrics("random"), result.Outcome().Metrics, tolerance: 0.2 + 1e-9);
        int[][] predictions = Predictions(RunJournal.Read(folder.StateDir));
        for (var k = 0; k < PyTorch.Ks.Length; k++)
        {
            int other = PyTorch.Predictions("random", PyTorch.Ks[k]).Zip(predictions[k], (a, b) => a != b).Count(differs => differs);
            Assert.True(other <= 2, $"k = {PyTorch.Ks[k]}: {other} predictions differ from PyTorch's");
        }
    }

    private static void AssertEqual(IReadOnlyDictionary<string, double> expected, IReadOnlyDictionary<string, double> actual, double tolerance)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in expected)
            Assert.True(Math.Abs(value - actual[name]) <= tolerance, $"{name}: {actual[name]} instead of {value}");
    }

    // The file holds a row per validation image and a column per k.
    private static int[][] Predictions(RunJournal journal)
    {
        var (shape, values) = PyTorch.Read<int>(journal.State.Completed["merge"].Files.Single(f => f.Name == "predictions").Path);
        Assert.Equal([1000, PyTorch.Ks.Length], shape);
        return [.. Enumerable.Range(0, PyTorch.Ks.Length).Select(k => Enumerable.Range(0, 1000).Select(row => values[(row * PyTorch.Ks.Length) + k]).ToArray())];
    }
}
