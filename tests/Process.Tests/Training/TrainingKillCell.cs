using ClusterBench.Faults;
using ClusterBench.Protocol;
using ClusterBench.Tests.Harness;
using ClusterBench.Tests.Survival;

namespace ClusterBench.Tests.Training;

/// <summary>When somebody is killed in a training.</summary>
public enum TrainingMoment
{
    MiddleOfAStep,
    MiddleOfTheReduction,
    CheckpointBeingWritten,
    BetweenWriteAndRename,
    AfterTheLastEpoch,
}

/// <summary>One cell of the kill matrix of <c>finetune</c> on two workers; a scripted fault holds the moment.</summary>
internal static class TrainingKillCell
{
    private const string Hold = "sleep=8";

    /// <summary>The step in flight in the second epoch: its number from 0 is one less than the passage.</summary>
    private const int Passage = SmallTraining.StepsPerEpoch + 3;

    public static async Task RunAsync(Victim victim, TrainingMoment moment)
    {
        var (bits, metrics) = await UndisturbedTraining.Result();
        await using var folder = new TestFolder();
        var fault = Script(folder, victim, moment);
        await using var call = folder.Start(SmallTraining.Call(folder, workers: 2), fault.Environment);

        int atThePoint = await fault.FiredAsync(call);
        var before = RunJournal.Read(folder.StateDir);
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
        Assert.Equal(metrics, result.Outcome().Metrics);
        Assert.Equal(bits, SmallTraining.FinalBits(folder));
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertCheckpointsWhole();
        Assert.Equal(Enumerable.Range(1, SmallTraining.Epochs), journal.State.Epochs.Select(e => e.Epoch));
        Assert.Single(journal.Of(nameof(RunCompleted)));
        AssertLittleIsLost(before, journal, victim, moment);
        await folder.NothingSurvivesAsync(victim == Victim.Call ? TimeSpan.FromSeconds(30) : null);
    }

    private static ScriptedFault Script(TestFolder folder, Victim victim, TrainingMoment moment)
    {
        bool coordinatorIsThere = moment == TrainingMoment.AfterTheLastEpoch;
        (string point, int passage) = moment switch
        {
            TrainingMoment.MiddleOfAStep => (FaultPoints.StepMiddle, Passage),
            TrainingMoment.MiddleOfTheReduction => (FaultPoints.StepMidReduce, Passage),
            TrainingMoment.CheckpointBeingWritten => (FaultPoints.CheckpointStart, 2),
            TrainingMoment.BetweenWriteAndRename => (FaultPoints.CheckpointBetweenWriteAndRename, 2),
            _ => (FaultPoints.RunBeforeCompleted, 1),
        };
        string action = victim switch
        {
            Victim.Worker => coordinatorIsThere ? Hold : "kill",
            Victim.Coordinator => coordinatorIsThere ? "kill" : Hold,
            Victim.WorkerAndCoordinator => "stop",
            Victim.AllWorkers => coordinatorIsThere ? Hold : "stop",
            _ => Hold,
        };
        return new ScriptedFault(folder, point, passage, action);
    }

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

    private static void AssertLittleIsLost(RunJournal before, RunJournal journal, Victim victim, TrainingMoment moment)
    {
        // What was in the journal stays there as it was.
        Assert.Equal(before.Events.Select(e => (e.Seq, e.Type)), journal.Events.Take(before.Events.Count).Select(e => (e.Seq, e.Type)));
        if (victim is Victim.Coordinator or Victim.WorkerAndCoordinator)
            Assert.NotEmpty(journal.Of(nameof(RunResumed)));
        if (moment == TrainingMoment.AfterTheLastEpoch)
            return;
        var later = journal.State.Starts.Skip(before.State.Starts.Count).ToList();
        long stored = before.State.Checkpoints.Select(c => c.Step).DefaultIfEmpty(0).Max();
        switch (victim)
        {
            case Victim.Worker or Victim.WorkerAndCoordinator:
                // A peer lives: it goes on from memory, and at most the step in flight is done again.
                var next = later[0];
                Assert.Equal("peer", next.Source);
                long inFlight = moment is TrainingMoment.MiddleOfAStep or TrainingMoment.MiddleOfTheReduction ? Passage - 1 : SmallTraining.Steps;
                Assert.InRange(next.Step, inFlight - 1, inFlight + 1);
                break;
            case Victim.AllWorkers or Victim.Call:
                Assert.All(later.Take(1), start => Assert.True(start.Step >= stored, $"goes on after step {start.Step}, and step {stored} was stored"));
                break;
            default:
                // The gang never noticed that the coordinator was away.
                Assert.Empty(later);
                break;
        }
    }
}
