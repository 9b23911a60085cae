using System.Globalization;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// The first shard of a run that trains: checks lists, labels, first images, last batch and initial weights, and makes the plan. Nothing
/// is kept of it: the members of the gang make their own.
/// </summary>
internal static class PrepareTraining
{
    public static PlanMade Run(ShardContext context, WorkerCard card)
    {
        var (config, submission) = (context.Session.Config, context.Submission);
        var data = TrainingData.Load(config);
        var training = new TrainingPlan(config, data.Train.Files.Count, data.Val.Files.Count);
        var plan = new PlanMade
        {
            NumericsVersion = Numerics.MachineFacts.CurrentNumericsVersion, ProbeDigest = card.Digest, Batch = config.BatchSize, Threads = config.Threads,
            Training = new TrainingPlanData
            {
                VirtualRanks = training.Training.VirtualRanks, ImagesPerRank = training.Training.ImagesPerRank, Epochs = training.Training.Epochs,
                StepsPerEpoch = training.StepsPerEpoch,
            },
        };
        plan.Machine.Add(card.Machine.ToDictionary(StringComparer.Ordinal));
        plan.Splits.Add(Split(submission, "train", data.Train));
        plan.Splits.Add(Split(submission, "val", data.Val));
        context.Cancel.ThrowIfCancellationRequested();
        SmallBatches.Check(training, First(data.Train, config.Seed));
        _ = First(data.Val, config.Seed);
        plan.Notes.AddRange(Weights(training, submission));
        plan.Notes.AddRange(Batch(training, submission.Config));
        plan.Notes.AddRange(Numerics.NativeSetup.Notes);
        if (ImageDecoder.SlowJpegNote is { } note)
        {
            plan.Notes.Add(note);
        }

        ContentStore.Sweep(Path.Combine(submission.WorkDir, "checkpoints"));
        ContentStore.Sweep(submission.WorkDir);
        return plan;
    }

    private static SplitPlan Split(SubmissionData submission, string split, ImageSet set) => submission.Images[split] == set.Files.Count
        ? new SplitPlan { Split = split, Images = set.Files.Count }
        : throw new UserErrorException($"the {split} list {submission.Lists[split].Path} holds {set.Files.Count} images, the submission says {submission.Images[split]}.", 1);

    /// <summary>The first image through its pipeline: a wrong root or an image that does not fit is found now, not after an hour.</summary>
    private static ImageSize First(ImageSet set, int seed)
    {
        using var decoder = new ImageDecoder();
        var image = decoder.Decode(set.Files[0]);
        var size = set.Pipeline.OutputSize(image.Width, image.Height);
        set.Pipeline.Run(image, new float[3 * size.Pixels], new SampleKey(seed, 0, 0));
        return size;
    }

    /// <summary>Loads the weights once, as every member of the first gang will.</summary>
    private static IReadOnlyList<string> Weights(TrainingPlan plan, SubmissionData submission)
    {
        using var state = new TrainingState(plan);
        return InputFiles.HasCheckpoint(submission)
            ? WeightInitializer.Fill(state.Weights, plan.Config, submission.Checkpoint.Path)
            : [.. WeightInitializer.Fill(state.Weights, plan.Config, null), "no checkpoint: the backbone is trained from scratch"];
    }

    /// <summary>The effective batch and the rate that belongs to it, and a warning where the config's name promises another.</summary>
    private static IEnumerable<string> Batch(TrainingPlan plan, string config)
    {
        var training = plan.Training;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"effective batch {plan.EffectiveBatch} = {training.VirtualRanks} virtual ranks x {training.ImagesPerRank} images, learning rate {training.Optimizer.LearningRate}, {training.Epochs} epochs of {plan.StepsPerEpoch} steps");
        if (BatchName.Of(config)?.Contradiction(training.VirtualRanks, training.ImagesPerRank) is { } contradiction)
        {
            yield return $"warning: {Path.GetFileName(config)}: {contradiction}";
        }
    }
}
