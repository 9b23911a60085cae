using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Training;

/// <summary>What the small training comes to on one worker when nobody is killed; computed once, by the first test that asks.</summary>
internal static class UndisturbedTraining
{
    private static readonly Lazy<Task<(string, IReadOnlyDictionary<string, double>)>> Once = new(ComputeAsync);

    /// <summary>The bits of the final checkpoint, and the metrics.</summary>
    public static Task<(string Bits, IReadOnlyDictionary<string, double> Metrics)> Result() => Once.Value;

    private static async Task<(string, IReadOnlyDictionary<string, double>)> ComputeAsync()
    {
        await using var folder = new TestFolder();
        var result = (await folder.RunAsync(SmallTraining.Call(folder, workers: 1))).Ended(0);
        var journal = RunJournal.Read(folder.StateDir);
        Assert.Equal(SmallTraining.Epochs, journal.State.Epochs.Count);
        Assert.Single(journal.State.Gangs);
        await folder.NothingSurvivesAsync();
        return (SmallTraining.FinalBits(folder), result.Outcome().Metrics);
    }
}
