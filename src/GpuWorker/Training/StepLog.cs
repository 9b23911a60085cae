using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>Folds the ranks' records of a step, in rank order and in double, and tells the observer.</summary>
internal sealed class StepLog(TrainingPlan plan, ITrainingObserver observer)
{
    private TimeSpan _time, _waited;
    private int _steps;

    /// <param name="step">Steps applied, this one included.</param>
    public void Applied(long step, IReadOnlyList<RankRecord> records, TimeSpan time, TimeSpan waited)
    {
        var (loss, images, top1, top5) = (0.0, 0, 0, 0);
        foreach (var record in records)
            (loss, images, top1, top5) = (loss + record.Loss, images + record.Images, top1 + record.Top1, top5 + record.Top5);
        var report = new StepReport(
            step, plan.EpochOf(step - 1) + 1, plan.IterationOf(step - 1) + 1, plan.Schedule.RateAt(step - 1, plan.Training.Optimizer.LearningRate),
            loss / records.Count, images, 100.0 * top1 / images, 100.0 * top5 / images, time, waited);
        (_time, _waited, _steps) = (_time + time, _waited + waited, _steps + 1);
        observer.StepApplied(report);
        if (!plan.IsLogged(step - 1))
            return;
        observer.StepLogged(report with { Time = _time / _steps, DataTime = _waited / _steps });
        (_time, _waited, _steps) = (default, default, 0);
    }
}
