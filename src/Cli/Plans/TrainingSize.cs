using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>Rough sizes of a training run, for <c>--dry-run</c>.</summary>
/// <param name="Parameters">Of backbone and head.</param>
/// <param name="Trained">Those that the optimizer steps.</param>
/// <param name="Checkpoint">Bytes of a checkpoint: weights, and the momentum of what is trained.</param>
internal sealed record TrainingSize(BackboneSize Backbone, long Parameters, long Trained, long Checkpoint)
{
    private const long Float = 4;

    public static TrainingSize Of(RunConfig config, BackboneSize backbone)
    {
        TrainingConfig training = config.Training!;
        long head = ((long)backbone.Widths[training.Head.Feature] + 1) * training.Head.Classes;
        long parameters = backbone.Parameters + head;
        long trained = training.FrozenBackbone ? head : head + BackboneSize.UpTo(config.Backbone, training.Head.Feature);
        long momentum = training.Optimizer.Momentum > 0 || training.Optimizer.Paramwise.Any(option => option.Momentum > 0) ? trained : 0;
        return new TrainingSize(backbone, parameters, trained, (parameters + momentum) * Float);
    }

    /// <summary>
    /// Bytes of a worker that computes one virtual rank at a time; null if no pipeline fixes the input's size. Weights, gradients and momentum of what is trained, and the maps that backward needs: of every convolution its output and what
    /// normalisation and activation make of it. A frozen backbone keeps only those of one block.
    /// </summary>
    public long? Worker(RunConfig config)
    {
        Dictionary<string, DatasetConfig> sized = config.Data.Where(split => MemoryEstimate.InputSize(split.Value.Pipeline) is not null).ToDictionary(StringComparer.Ordinal);
        RunConfig seen = config with { Data = sized, BatchSize = Math.Max(config.BatchSize, config.Training!.ImagesPerRank) };
        if (sized.Count == 0 || MemoryEstimate.Worker(seen, Backbone) is not { } computing)
            return null;
        long state = ((2 * Trained) + Parameters) * Float;
        if (config.Training.FrozenBackbone || MemoryEstimate.InputSize(config.Data["train"].Pipeline) is not { } input)
            return computing + state;
        long maps = 2 * Float * config.Training.ImagesPerRank * BackboneSize.Maps(config.Backbone, config.Training.Head.Feature, input.Height, input.Width);
        return computing + state + maps;
    }
}
