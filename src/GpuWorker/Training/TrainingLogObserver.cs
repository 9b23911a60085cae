using ClusterBench.GpuWorker.Collectives;
using ClusterBench.Training;
using ClusterBench.Training.TensorBoard;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// Turns a trainer's reports into <c>log.json</c> and TensorBoard's event file, on the member of rank 0. Every member has one for as long
/// as the run lives in its process: the others remember the newest lines, because one of them goes on when rank 0 died before its own.
/// </summary>
/// <param name="workDir">The run's folder.</param>
public sealed class TrainingLogObserver(string workDir, TrainingPlan plan, TimeProvider clock) : ITrainingObserver, IDisposable
{
    // No member is ahead of another by more than a step: its line and that of the epoch which it ends.
    private const int Remembered = 4;

    private readonly Queue<TrainingLogLine> _newest = new();
    private TrainingLog? _log;
    private EventFile? _events;
    private int _workers, _steps;
    private long _images;

    /// <summary>A generation begins: on rank 0 both files are made to end at its first state.</summary>
    /// <param name="step">Steps applied in it.</param>
    /// <exception cref="UserErrorException">A file cannot be read or written.</exception>
    public void Begin(CollectiveGroup group, long step)
    {
        End();
        (_workers, _images, _steps) = (group.Members.Count, 0, 0);
        if (group.Rank != 0)
            return;
        _log = TrainingLog.Open(Path.Combine(workDir, TrainingLogFile.Name), step);
        foreach (var line in _newest.Where(line => line.Step <= step))
            _log.Append(line);
        _events = EventFile.Rebuild(Path.Combine(workDir, EventFile.FolderName), _log.Lines, clock);
    }

    /// <summary>The generation is over: the files are closed.</summary>
    public void End()
    {
        _log?.Dispose();
        _events?.Dispose();
        (_log, _events) = (null, null);
    }

    public void StepApplied(StepReport report) => (_images, _steps) = (_images + report.Images, _steps + 1);

    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public void StepLogged(StepReport report)
    {
        Write(new TrainingLogLine
        {
            Mode = TrainingLogLine.Train, Epoch = report.Epoch, Iteration = report.Iteration, Step = report.Step, LearningRate = report.LearningRate,
            DataTime = report.DataTime.TotalSeconds, Time = report.Time.TotalSeconds, Loss = Finite(report.Loss), Top1 = Finite(report.Top1),
            Top5 = Finite(report.Top5), Images = report.Images, ImagesPerSecond = Finite(_images / (_steps * report.Time.TotalSeconds)),
            DataWait = Finite(report.DataShare), Workers = _workers, At = clock.GetUtcNow(),
        });
        (_images, _steps) = (0, 0);
    }

    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public void EpochEnded(int epochs, EvaluationResult? evaluation)
    {
        if (evaluation is null)
            return;
        var step = (long)epochs * plan.StepsPerEpoch;
        Write(new TrainingLogLine
        {
            Mode = TrainingLogLine.Val, Epoch = epochs, Iteration = plan.StepsPerEpoch, Step = step,
            LearningRate = plan.Schedule.RateAt(step - 1, plan.Training.Optimizer.LearningRate), Time = evaluation.Time.TotalSeconds,
            Top1 = evaluation.Top1, Top5 = evaluation.Top5, Images = evaluation.Images,
            ImagesPerSecond = Finite(evaluation.Images / evaluation.Time.TotalSeconds), Workers = _workers, At = clock.GetUtcNow(),
        });
    }

    public void Dispose() => End();

    private void Write(TrainingLogLine line)
    {
        _newest.Enqueue(line);
        if (_newest.Count > Remembered)
            _newest.Dequeue();
        if (_log?.Append(line) == true)
            _events!.Append(line);
    }

    // JSON has no other numbers; a rate over no time at all is none.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
