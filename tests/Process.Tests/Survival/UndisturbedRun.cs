using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Survival;

/// <summary>What the small run comes to when nobody is killed; computed once, by the first test that asks.</summary>
internal static class UndisturbedRun
{
    private static readonly Lazy<Task<(IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, double>)>> Once = new(ComputeAsync);

    /// <summary>The contents of every shard's files, and the metrics.</summary>
    public static Task<(IReadOnlyDictionary<string, string> Contents, IReadOnlyDictionary<string, double> Metrics)> Result() => Once.Value;

    private static async Task<(IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, double>)> ComputeAsync()
    {
        await using var folder = new TestFolder();
        var result = (await folder.RunAsync(folder.Knn(Installation.Simclr, 2, SmallData.In(folder)))).Ended(0);
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        Assert.Equal(SmallData.ExtractionShards, journal.State.Shards.Count(s => s.Kind == "extract"));
        Assert.Equal(SmallData.Images, folder.Results().ImagesDecoded);
        await folder.NothingSurvivesAsync();
        return (journal.Contents, result.Outcome().Metrics);
    }
}
