using ClusterBench.Faults;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>Turns what a trainer tells at step boundaries into reports, durable facts and checkpoints.</summary>
/// <param name="epochs">Epochs whose end is stored: a gang that had to go back comes by it again and only writes the checkpoint.</param>
/// <param name="writes">Rank 0: the one member that writes checkpoints.</param>
/// <param name="changed">There is something to send.</param>
internal sealed class GangObserver(GangRun run, int generation, int epochs, bool writes, GangStatus status, TimeProvider time, Action changed) : ITrainingObserver
{
    private readonly TrainingSession _session = run.Session!;
    private readonly TrainingLogObserver _log = run.Log!;

    /// <summary>A generation that begins at an epoch's end whose checkpoint nobody knows of writes it.</summary>
    public void Begin()
    {
        var (plan, step) = (_session.Plan, _session.State.Step);
        if (step > 0 && plan.IterationOf(step) == 0)
            Save(plan.EpochOf(step));
    }

    public void StepApplied(StepReport report)
    {
        _log.StepApplied(report);
        var inside = _session.Plan.IterationOf(report.Step) != 0;
        run.Watch.Applied(report.Time, inside);
        status.Note(r =>
        {
            r.Step = report.Step;
            (r.Loss, r.LearningRate, r.ImagesPerSecond, r.DataShare) = (report.Loss, report.LearningRate, report.ImagesPerSecond, report.DataShare);
        });
        if (inside && run.Checkpoints.IsDue)
            Save(0);
        else if (!inside && _session.Plan.EpochOf(report.Step) is var epoch && epoch <= epochs)
            Save(epoch);
    }

    public void StepLogged(StepReport report) => _log.StepLogged(report);

    public void EpochEnded(int completed, EvaluationResult? evaluation)
    {
        _log.EpochEnded(completed, evaluation);
        Fault.Point(FaultPoints.EpochBeforeReport);
        var result = new EpochCompleted { At = time.GetUtcNow().ToUnixTimeMilliseconds(), Generation = generation, Epoch = completed, Step = _session.State.Step };
        if (evaluation is not null)
        {
            result.Metrics.Add("top1", evaluation.Top1);
            result.Metrics.Add("top5", evaluation.Top5);
        }
        run.Outbox.Add(new EpochDone { Run = run.Run, Result = result });
        changed();
        Save(completed);
    }

    private void Save(int epochs)
    {
        if (!writes || run.Checkpointed >= _session.State.Step)
            return;
        var watched = run.Watch.Pause();
        Save(run, generation, epochs);
        if (watched)
            run.Watch.Resume();
        changed();
    }

    /// <summary>Writes the state of a run and keeps the fact until it is stored.</summary>
    public static void Save(GangRun run, int generation, int epochs)
    {
        var written = run.Checkpoints.Write(run.Session!, generation, epochs);
        run.Outbox.Add(new CheckpointDone { Run = run.Run, Result = written });
        run.Checkpointed = written.Step;
    }
}
