using System.Diagnostics;
using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Protocol;
using ClusterBench.Runs;
using ClusterBench.Tests.Harness;
using ClusterBench.Tests.Survival;

namespace ClusterBench.Tests.Cluster;

public sealed class CoordinatorRestartsTests(ITestOutputHelper output)
{
    /// <summary>Runs that are open at each kill, so that there is always work in progress.</summary>
    private const int OpenRuns = 2;

    public static IEnumerable<TheoryDataRow<int>> Restarts => [new(10), new TheoryDataRow<int>(50).WithTrait("Category", "Soak")];

    [Theory]
    [MemberData(nameof(Restarts))]
    public async Task A_coordinator_restarted_again_and_again_under_load_keeps_its_workers_and_its_runs_and_leaves_no_island(int restarts)
    {
        var cancel = TestContext.Current.CancellationToken;
        var (contents, metrics) = await UndisturbedRun.Result();
        await using var folder = new TestFolder();
        await using var cluster = await LongLivedCluster.StartAsync(folder, workers: 2);
        var workers = await cluster.IdleWorkersAsync(2);
        await using var coordinator = new RestartedCoordinator(folder, cluster, workers);
        using var api = cluster.Client();
        using var load = new BusyCores(2);
        string first = (await cluster.KnnAsync(Installation.Simclr, "work-0", [.. SmallData.In(folder), "--no-cache", "--detach"])).Ended(0).Outcome().Run;
        var submission = (await Eventually.HaveAsync(
            () => RunJournal.TryRead(folder.StateDir) is { State.Submission: { } made } ? made : null, "the run is in the journal")).ToRecord();
        List<string> runs = [first];

        for (var kills = 0; kills < restarts;)
        {
            while ((await api.RunsAsync(cancel)).Count(run => run.Status is not "completed") < OpenRuns)
            {
                runs.Add($"{first}-{runs.Count.ToString(CultureInfo.InvariantCulture)}");
                await api.SubmitAsync(submission with { Run = runs[^1], WorkDir = folder.At($"work-{runs.Count - 1}") }, cancel);
            }

            // Every moment between two results of a run is hit at some time: 0 to 2.9 s, in steps that do not repeat soon.
            await Task.Delay(TimeSpan.FromMilliseconds(kills * 1130 % 2900), cancel);
            long killed = Stopwatch.GetTimestamp();
            await coordinator.RestartAsync();
            kills++;
            if (kills % 4 == 0)
            {
                // Killed once more while it is joining: the list of members has to outlive that too.
                await coordinator.OnItsWayAsync();
                await coordinator.RestartAsync();
                kills++;
            }

            await coordinator.WorkersBackAsync();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {kills}: workers back {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill"));
            await coordinator.AssertNoIslandAsync();
        }

        foreach (string run in runs)
        {
            var view = await Eventually.HaveAsync(async () => await api.FindRunAsync(run, cancel) is { Status: "completed" or "failed" } ended ? ended : null, $"{run} ends");
            Assert.Equal(("completed", (string?)null), (view.Status, view.Error));
            Assert.Equal(metrics, view.Metrics);
            var journal = RunJournal.Read(folder.StateDir, run);
            journal.AssertWhole();
            Assert.Equal(contents, journal.Contents);
            Assert.Single(journal.Of(nameof(RunCompleted)));
        }

        // The kills hit runs and not the time between them.
        Assert.Contains(runs, run => RunJournal.Read(folder.StateDir, run).Of(nameof(RunResumed)).Count > 0);
        Assert.Equal(workers.Select(w => w.Pid).Order(), (await cluster.IdleWorkersAsync(2)).Select(w => w.Pid).Order());
    }
}
