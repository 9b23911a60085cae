using ClusterBench.Api;
using ClusterBench.Protocol;

namespace ClusterBench.Runs;

/// <summary>A run's state as the API and the command line show it.</summary>
public static class RunViews
{
    /// <summary>The share of a run's progress that belongs to extraction; the rest is comparing and merging.</summary>
    private const double ExtractionShare = 0.9;

    /// <param name="state">The run's state.</param>
    /// <param name="status">queued, running, waiting, completed, failed, canceled or interrupted.</param>
    /// <param name="waitingFor">Why nothing is worked at the moment; empty when something is.</param>
    /// <param name="workers">Workers lent to the run.</param>
    /// <param name="imagesInWork">Images done in shards that are not complete.</param>
    /// <param name="now">The time at which a run that goes on is looked at.</param>
    /// <param name="training">Where its gang stands; null: nobody has said it, and the journal's newest step counts.</param>
    public static RunView Of(
        RunState state, string status, string waitingFor, IReadOnlyList<string> workers, long imagesInWork, DateTimeOffset now, TrainingProgress? training = null)
    {
        var submission = state.Submission!;
        long total = state.Plan?.Splits.Sum(s => (long)s.Images) ?? 0;
        long done = Math.Min(total, imagesInWork + state.Shards.Where(s => s.Kind == "extract" && state.Completed.ContainsKey(s.Id)).Sum(s => (long)s.End - s.Start));
        var rest = state.Shards.Count(s => s.Kind != "extract");
        var restDone = state.Shards.Count(s => s.Kind != "extract" && state.Completed.ContainsKey(s.Id));
        var step = state.Phase == RunPhase.Completed ? state.Steps : Math.Max(training?.Step ?? 0, StoredStep(state));
        var progress = state.Phase == RunPhase.Completed ? 1
            : state.Trains ? (double)step / state.Steps
            : total == 0 ? 0
            : (ExtractionShare * done / total) + (rest == 0 ? 0 : (1 - ExtractionShare) * restDone / rest);
        var end = state.EndedAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(state.EndedAt) : now;
        var start = DateTimeOffset.FromUnixTimeMilliseconds(state.AcceptedAt);
        return new RunView
        {
            Run = submission.Run,
            Benchmark = submission.Benchmark,
            Status = status,
            Config = submission.Config,
            Checkpoint = submission.Checkpoint.Path,
            WorkDir = submission.WorkDir,
            Hash = submission.Hash,
            Progress = progress,
            Phase = waitingFor.Length > 0 ? waitingFor : PhaseText(state),
            ShardsDone = state.Completed.Count,
            ShardsTotal = state.Shards.Count,
            ImagesDone = done,
            ImagesTotal = total,
            Generation = state.Gang?.Generation ?? 0,
            Workers = workers,
            Recoveries = state.Recoveries,
            Error = state.Error.Length == 0 ? null : state.Error,
            Notes = state.Plan?.Notes,
            Seconds = Math.Max(0, (end - start).TotalSeconds),
            StartedAt = start,
            Metrics = state.Phase == RunPhase.Completed ? state.Metrics : null,
            Epoch = state.Trains ? Math.Min(state.Plan!.Training.Epochs, (int)(step / state.Plan.Training.StepsPerEpoch) + 1) : null,
            Epochs = state.Plan?.Training?.Epochs,
            Step = state.Trains ? step : null,
            Steps = state.Trains ? state.Steps : null,
            Loss = training?.Loss,
            LearningRate = training?.LearningRate,
            ImagesPerSecond = training?.ImagesPerSecond,
        };
    }

    /// <summary>The view of a run that no cluster holds, from its journal alone: an open run is an interrupted one.</summary>
    public static RunView Offline(RunState state, DateTimeOffset lastEvent) =>
        Of(state, state.IsOpen ? "interrupted" : StatusOf(state.Phase), "", [], 0, lastEvent);

    /// <summary>The status word of a phase.</summary>
    public static string StatusOf(RunPhase phase) => phase switch
    {
        RunPhase.None => "queued",
        RunPhase.Preparing or RunPhase.Running => "running",
        RunPhase.Interrupted => "interrupted",
        RunPhase.Completed => "completed",
        RunPhase.Failed => "failed",
        _ => "canceled",
    };

    /// <summary>The newest step that the journal knows of.</summary>
    private static long StoredStep(RunState state) =>
        Math.Max(state.Checkpoints.LastOrDefault()?.Step ?? 0, Math.Max(state.Epochs.LastOrDefault()?.Step ?? 0, state.Starts.LastOrDefault()?.Step ?? 0));

    private static string PhaseText(RunState state)
    {
        if (state.Phase == RunPhase.Preparing)
        {
            return "checking inputs";
        }

        if (state.Trains && state.Phase == RunPhase.Running)
        {
            return $"training, generation {state.Gang?.Generation ?? 0}";
        }

        var next = state.Ready().FirstOrDefault();
        return next switch
        {
            null => RunViews.StatusOf(state.Phase),
            { Kind: "extract" } => $"extract {next.Split}",
            { Kind: "topk" } => "nearest neighbours",
            { Kind: "merge" } => "merge and vote",
            _ => $"write {next.Split} features",
        };
    }
}
