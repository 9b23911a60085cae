using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Training;

public sealed class WorkerCountTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Any_number_of_workers_gives_the_bits_of_one(int workers)
    {
        var (bits, metrics) = await UndisturbedTraining.Result();
        await using var folder = new TestFolder();
        var result = (await folder.RunAsync(SmallTraining.Call(folder, workers))).Ended(0);

        Assert.Equal(metrics, result.Outcome().Metrics);
        Assert.Equal(bits, SmallTraining.FinalBits(folder));
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertCheckpointsWhole();
        // All of them trained from the first step on, and were heard of by their peers.
        var gang = Assert.Single(journal.State.Gangs);
        Assert.Equal(workers, gang.Members.Count);
        Assert.Equal(workers, folder.Logs("worker").Count(log => log.Contains("bytes to its peers", StringComparison.Ordinal)));
        await folder.NothingSurvivesAsync();
    }
}
