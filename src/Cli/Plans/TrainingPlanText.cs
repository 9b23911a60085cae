using System.Globalization;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;
using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Cli.Plans;

/// <summary>What <c>--dry-run</c> prints for a training run: batch, steps, rates, what is trained, and what it needs.</summary>
internal static class TrainingPlanText
{
    public static string Of(PreparedRun run, TrainingPlan plan, int workers, Surroundings around)
    {
        (RunConfig config, TrainingConfig training) = (plan.Config, plan.Training);
        BackboneSize size = BackboneSize.Of(config.Backbone);
        TrainingSize sizes = TrainingSize.Of(config, size);
        var text = new PlanLines(around);
        text.Line("benchmark", $"{config.Benchmark}, {(training.FrozenBackbone ? "the backbone is frozen" : "the whole network is trained")}");
        text.Line("config", run.Call.Config);
        text.Checkpoint(run.Checkpoint);
        text.Line("backbone", Invariant($"{config.Backbone.Type}-{config.Backbone.Depth}, {size.Parameters:N0} parameters"));
        text.Line("head", Invariant($"{training.Head.Feature} ({size.Widths[training.Head.Feature]} numbers, pool {config.Pool}) to {training.Head.Classes} classes, cross-entropy")
            + (training.Head.LabelSmoothing > 0 ? Invariant($", labels smoothed by {training.Head.LabelSmoothing}") : ""));
        text.Line("trained", Invariant($"{sizes.Trained:N0} of {sizes.Parameters:N0} parameters, {config.Precision}"));
        text.Data(run);
        text.Line("batch", Batch(plan));
        text.Line("steps", Invariant($"{plan.StepsPerEpoch} per epoch, {plan.Steps:N0} in {training.Epochs} {(training.Epochs == 1 ? "epoch" : "epochs")}"));
        text.Line("optimizer", Optimizer(training.Optimizer));
        text.Line("schedule", ScheduleText.Of(plan));
        text.Line("evaluation", Invariant($"{(training.EvaluationInterval == 1 ? "every epoch" : $"every {training.EvaluationInterval} epochs and at the end")}, {config.BatchSize} images at once"));
        text.Line("checkpoints", Checkpoints(run, training));
        text.Workers(run, workers);
        text.Line("threads", Invariant($"{config.Threads} per virtual rank"));
        text.Line("memory", sizes.Worker(config) is { } memory ? $"about {MemoryEstimate.Text(memory)} per worker for each virtual rank that computes at a time"
            : "per worker: depends on the images' own size, which the pipeline keeps");
        text.Line("disk", $"about {MemoryEstimate.Text(sizes.Checkpoint * (2 + Kept(training)))} for checkpoints of {MemoryEstimate.Text(sizes.Checkpoint)}");
        text.Line("seed", config.Seed.ToString(CultureInfo.InvariantCulture));
        text.Line("hash", run.Hash);
        text.Folder(run);
        if (BatchName.Of(run.Call.Config)?.Contradiction(training.VirtualRanks, training.ImagesPerRank) is { } contradiction)
            text.Warn($"{run.Call.Config}: {contradiction}.");
        if (run.Call.Cluster.Url is null && workers > training.VirtualRanks)
            text.Warn($"{workers} workers for {training.VirtualRanks} virtual {(training.VirtualRanks == 1 ? "rank" : "ranks")}: {workers - training.VirtualRanks} would only wait as spares.");
        return text.ToString();
    }

    /// <summary><c>4 virtual ranks x 16 images = 64 per step, learning rate 1</c>.</summary>
    public static string Batch(TrainingPlan plan) => Invariant(
        $"{plan.Training.VirtualRanks} virtual {(plan.Training.VirtualRanks == 1 ? "rank" : "ranks")} x {plan.Training.ImagesPerRank} {(plan.Training.ImagesPerRank == 1 ? "image" : "images")} = {plan.EffectiveBatch} per step, learning rate {plan.Training.Optimizer.LearningRate}");

    private static string Optimizer(OptimizerConfig optimizer) =>
        Invariant($"SGD, learning rate {optimizer.LearningRate}, momentum {optimizer.Momentum}{(optimizer.Nesterov ? " (Nesterov)" : "")}, weight decay {optimizer.WeightDecay}")
        + (optimizer.Paramwise.Count > 0 ? $"; other options for {string.Join(", ", optimizer.Paramwise.Select(option => $"'{option.Pattern}'"))}" : "");

    private static string Checkpoints(PreparedRun run, TrainingConfig training)
    {
        double seconds = run.Call.CheckpointInterval?.TotalSeconds ?? 0;
        string kept = training.CheckpointsKept < 0 ? "all of them" : $"the last {training.CheckpointsKept}";
        return Invariant($"at every epoch's end and every {seconds:N0} s; epoch_N.pth {(training.CheckpointEpochs == 1 ? "of every epoch" : $"every {training.CheckpointEpochs} epochs")}, {kept} kept");
    }

    /// <summary>Checkpoints of epochs that stay besides the two newest.</summary>
    private static long Kept(TrainingConfig training)
    {
        long made = training.Epochs / training.CheckpointEpochs + (training.Epochs % training.CheckpointEpochs == 0 ? 0 : 1);
        return training.CheckpointsKept < 0 ? made : Math.Min(made, training.CheckpointsKept);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
