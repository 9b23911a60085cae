using ClusterBench.Api;
using ClusterBench.Faults;
using ClusterBench.Files;
using ClusterBench.Protocol;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Survival;

/// <summary>Who is killed with SIGKILL.</summary>
public enum Victim
{
    Worker,
    Coordinator,
    WorkerAndCoordinator,
    AllWorkers,
    /// <summary>The program that the user called; its children follow it, and <c>resume</c> goes on.</summary>
    Call,
}

/// <summary>When.</summary>
public enum Moment
{
    BeforeTheFirstResultIsStored,
    MiddleOfAShard,
    BetweenWriteAndRename,
    AfterTheLastResult,
}

/// <summary>
/// One cell of the kill matrix: a run of two workers in which somebody is killed at a point that a scripted fault holds, so that the
/// moment is no matter of luck. Whoever stands at the point and is to die dies or is stopped there; whoever is to live waits there
/// until the others are dead.
/// </summary>
internal static class KillCell
{
    /// <summary>Longer than it takes to see the marker and to kill; also longer than orphans may live.</summary>
    private const string Hold = "sleep=8";

    public static async Task RunAsync(Victim victim, Moment moment)
    {
        var (undisturbedContents, undisturbedMetrics) = await UndisturbedRun.Result();
        await using var folder = new TestFolder();
        var fault = Script(folder, victim, moment);
        await using var call = folder.Start(folder.Knn(Installation.Simclr, 2, SmallData.In(folder)), fault.Environment);

        int atThePoint = await fault.FiredAsync(call);
        var before = Finished.Now(folder);
        foreach (int pid in await KillAsync(folder, call, victim, fault, atThePoint))
            await Eventually.TrueAsync(() => !ProcessTable.Lives(pid), $"process {pid} is dead");
        var result = await call.EndAsync();
        if (victim == Victim.Call)
        {
            Assert.Equal(137, result.ExitCode);
            result = await folder.RunAsync(["resume", "last", "--state-dir", folder.StateDir, "--workers", "2", "--json"], fault.Environment);
        }

        result.Ended(0);
        fault.AssertFired();
        Assert.Equal("completed", result.Outcome().Status);
        Assert.Equal(undisturbedMetrics, result.Outcome().Metrics);
        Assert.Equal(undisturbedMetrics, folder.Results().Metrics);
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertEachImageDecodedOnce();
        before.AssertKept(journal);
        Assert.Equal(undisturbedContents, journal.Contents);
        AssertNoticed(journal, victim, moment);
        await folder.NothingSurvivesAsync(victim == Victim.Call ? TimeSpan.FromSeconds(30) : null);
    }

    private static ScriptedFault Script(TestFolder folder, Victim victim, Moment moment)
    {
        bool coordinatorIsThere = moment == Moment.AfterTheLastResult || (victim == Victim.Coordinator && moment == Moment.BeforeTheFirstResultIsStored);
        string point = moment switch
        {
            // The plan is what the coordinator stores first; the first shard's result is the second thing.
            Moment.BeforeTheFirstResultIsStored => coordinatorIsThere ? FaultPoints.ShardBeforePersist : FaultPoints.ShardBeforeStore,
            Moment.MiddleOfAShard => FaultPoints.ShardMiddle,
            Moment.BetweenWriteAndRename => FaultPoints.ShardBetweenWriteAndRename,
            _ => FaultPoints.RunBeforeCompleted,
        };
        string action = victim switch
        {
            Victim.Worker => coordinatorIsThere ? Hold : "kill",
            Victim.Coordinator => coordinatorIsThere ? "kill" : Hold,
            Victim.WorkerAndCoordinator => "stop",
            Victim.AllWorkers => coordinatorIsThere ? Hold : "stop",
            _ => Hold,
        };
        return new ScriptedFault(folder, point, point == FaultPoints.ShardBeforePersist ? 2 : 1, action);
    }

    /// <summary>Kills whoever has not died at the point by itself; returns all victims.</summary>
    private static async Task<IReadOnlyList<int>> KillAsync(TestFolder folder, RunningProgram call, Victim victim, ScriptedFault fault, int atThePoint)
    {
        if (fault.Action == "kill")
            return [atThePoint];
        int[] workers = [.. folder.Processes("worker").Select(w => w.Pid)];
        int coordinator = (await folder.ClusterAsync()).CoordinatorPid;
        int worker = atThePoint == coordinator ? workers[0] : atThePoint;
        Assert.Equal(2, workers.Length);
        Assert.Contains(worker, workers);
        int[] victims = victim switch
        {
            Victim.Worker => [worker],
            Victim.Coordinator => [coordinator],
            Victim.WorkerAndCoordinator => [worker, coordinator],
            Victim.AllWorkers => workers,
            _ => [call.Pid],
        };
        foreach (int pid in victims)
            ProcessTable.Signal(pid, ProcessTable.SigKill);
        return victims;
    }

    /// <summary>The kill left its trace in the journal: it hit the run and not the time after it.</summary>
    private static void AssertNoticed(RunJournal journal, Victim victim, Moment moment)
    {
        if (victim is Victim.Worker or Victim.AllWorkers && moment != Moment.AfterTheLastResult)
            Assert.NotEmpty(journal.Of(nameof(ShardFailed)));
        if (victim is Victim.Coordinator or Victim.WorkerAndCoordinator)
            Assert.NotEmpty(journal.Of(nameof(RunResumed)));
        if (victim == Victim.Call)
            Assert.Contains(journal.Events, e => e.Type is nameof(RunInterrupted) or nameof(RunResumed));
        Assert.Equal(nameof(RunCompleted), journal.Events[^1].Type);
        Assert.Single(journal.Of(nameof(RunCompleted)));
    }

    /// <summary>The shards that were finished at some time: what the journal said of them and when their files were written.</summary>
    private sealed record Finished(IReadOnlyDictionary<long, string> Events, IReadOnlyDictionary<string, DateTime> Files)
    {
        public static Finished Now(TestFolder folder)
        {
            var journal = RunJournal.TryRead(folder.StateDir);
            return new Finished(
                journal?.Events.ToDictionary(e => e.Seq, Text) ?? [],
                journal?.State.Completed.Values.SelectMany(done => done.Files).ToDictionary(f => f.Path, f => File.GetLastWriteTimeUtc(f.Path), StringComparer.Ordinal) ?? []);
        }

        /// <summary>Nothing of it was said or written again.</summary>
        public void AssertKept(RunJournal journal)
        {
            var now = journal.Events.ToDictionary(e => e.Seq, Text);
            Assert.All(Events, old => Assert.Equal(old.Value, now[old.Key]));
            Assert.All(Files, file => Assert.Equal((file.Key, file.Value), (file.Key, File.GetLastWriteTimeUtc(file.Key))));
        }

        private static string Text(EventView e) => $"{e.Type} {e.At:O} {e.Data}";
    }
}
