using ClusterBench.Api;
using ClusterBench.Faults;
using ClusterBench.Protocol;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Survival;

public sealed class CoordinatorAwayTests
{
    [Fact]
    public async Task While_the_coordinator_is_away_for_20_s_the_workers_finish_what_they_have_and_nothing_is_lost_or_counted_twice()
    {
        var (contents, metrics) = await UndisturbedRun.Result();
        await using var folder = new TestFolder();
        // Two results from now a shard is in work for certain: the one who is in its middle waits there until the coordinator is dead.
        var fault = new ScriptedFault(folder, FaultPoints.ShardMiddle, 2, "sleep=3");
        await using var cluster = await LongLivedCluster.StartAsync(folder, workers: 2, fault.Environment);
        var workers = await cluster.IdleWorkersAsync(2);
        var submitted = (await cluster.KnnAsync(Installation.Simclr, "work", [.. SmallData.In(folder), "--detach"])).Ended(0).Outcome();
        Assert.NotEqual("completed", submitted.Status);

        int atThePoint = await fault.FiredAsync(cluster.Coordinator);
        var half = RunJournal.Read(folder.StateDir);
        cluster.Coordinator.Signal(ProcessTable.SigKill);
        await cluster.Coordinator.EndAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.All(workers, worker => Assert.True(ProcessTable.Lives(worker.Pid), $"worker {worker.Id} has ended"));
        Assert.Contains(workers, worker => worker.Pid == atThePoint);
        await cluster.StartCoordinatorAsync();
        using ApiClient api = cluster.Client();
        var view = await Eventually.HaveAsync(
            async () => await api.FindRunAsync(submitted.Run, TestContext.Current.CancellationToken) is { Status: "completed" or "failed" } ended ? ended : null,
            "the run ends");

        Assert.Equal(("completed", (string?)null), (view.Status, view.Error));
        Assert.Equal(metrics, view.Metrics);
        Assert.Equal(
            workers.Select(w => (w.Id, w.Pid, w.Incarnation)).Order(),
            (await cluster.IdleWorkersAsync(2)).Select(w => (w.Id, w.Pid, w.Incarnation)).Order());
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertEachImageDecodedOnce();
        Assert.Equal(contents, journal.Contents);
        Assert.Equal(half.Events.Select(e => e.Seq), journal.Events.Take(half.Events.Count).Select(e => e.Seq));
        // What was in work when the coordinator died was not lost, so nobody had to do it again.
        Assert.Empty(journal.Of(nameof(ShardFailed)));
        Assert.All(journal.State.Completed.Values, done => Assert.Contains(workers, worker => worker.Incarnation == done.Incarnation));
        Assert.Single(journal.Of(nameof(RunResumed)));
    }
}
