using ClusterBench.Configs;

namespace ClusterBench.Training;

/// <summary>
/// What of a training run follows from its config and the lengths of its lists: which step belongs to which epoch, which samples a
/// virtual rank has in it, the rate it is applied with, and the batches of an evaluation. Nothing of it depends on who computes.
/// </summary>
public sealed class TrainingPlan
{
    /// <param name="config">The run's config; <see cref="RunConfig.Training"/> is set.</param>
    /// <param name="trainImages">Images of the training list.</param>
    /// <param name="valImages">Images of the validation list.</param>
    /// <exception cref="UserErrorException">An epoch would have no step, the schedule makes no sense, or there is nothing to evaluate.</exception>
    public TrainingPlan(RunConfig config, int trainImages, int valImages)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        Training = config.Training ?? throw new ArgumentException($"the benchmark {config.Benchmark} does not train", nameof(config));
        if (Training.VirtualRanks < 1 || Training.ImagesPerRank < 1 || Training.Epochs < 1 || config.BatchSize < 1)
        {
            throw new UserErrorException("virtual_ranks, data.imgs_per_gpu and runner.max_epochs must be at least 1.");
        }

        if (valImages < 1)
        {
            throw new UserErrorException("The validation list names no image: the trained network could not be evaluated.");
        }

        (TrainImages, ValImages) = (trainImages, valImages);
        Sampler = new DistributedSampler(trainImages, Training.VirtualRanks, Training.ImagesPerRank, Training.DropLast, config.Seed);
        Schedule = new LearningRateSchedule(Training.Schedule, Training.Epochs, StepsPerEpoch);
    }

    public RunConfig Config { get; }

    public TrainingConfig Training { get; }

    public int TrainImages { get; }

    public int ValImages { get; }

    /// <summary>Which samples a virtual rank trains on.</summary>
    public DistributedSampler Sampler { get; }

    public LearningRateSchedule Schedule { get; }

    public int StepsPerEpoch => Sampler.StepsPerEpoch;

    /// <summary>Steps of the whole run.</summary>
    public long Steps => (long)Training.Epochs * StepsPerEpoch;

    /// <summary>Images of a full step over all virtual ranks.</summary>
    public int EffectiveBatch => checked(Training.VirtualRanks * Training.ImagesPerRank);

    /// <summary>Batches of an evaluation: <see cref="RunConfig.BatchSize"/> images each, the last one what is left.</summary>
    public int EvaluationBatches => (int)(((long)ValImages + Config.BatchSize - 1) / Config.BatchSize);

    /// <summary>The epoch of a step, from 0.</summary>
    public int EpochOf(long step) => (int)(step / StepsPerEpoch);

    /// <summary>A step's place in its epoch, from 0.</summary>
    public int IterationOf(long step) => (int)(step % StepsPerEpoch);

    /// <summary>Whether the epoch that ends with <paramref name="epochs"/> completed epochs is evaluated: at the interval, and the last one always.</summary>
    public bool IsEvaluated(int epochs) =>
        epochs == Training.Epochs || (Training.EvaluationInterval > 0 && epochs % Training.EvaluationInterval == 0);

    /// <summary>Whether a line of the log belongs to a step: every <see cref="TrainingConfig.LogInterval"/> global steps.</summary>
    public bool IsLogged(long step) => Training.LogInterval > 0 && (step + 1) % Training.LogInterval == 0;
}
