using ClusterBench.Configs;
using ClusterBench.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.GpuWorker.Training;

/// <summary>The images of a split: where they lie, their classes, and what is done with each.</summary>
/// <param name="Files">Absolute paths in list order.</param>
/// <param name="Labels">Classes from 0 in list order.</param>
public sealed record ImageSet(IReadOnlyList<string> Files, IReadOnlyList<int> Labels, ImagePipeline Pipeline);

/// <summary>What a training run reads.</summary>
public sealed record TrainingData(ImageSet Train, ImageSet Val)
{
    /// <summary>Reads the lists and compiles the pipelines of a config.</summary>
    /// <param name="config">Its <c>train</c> and <c>val</c> splits are taken.</param>
    /// <exception cref="UserErrorException">A list or pipeline is wrong, or a label is none of the head's classes.</exception>
    public static TrainingData Load(RunConfig config) => new(Load(config, "train"), Load(config, "val"));

    private static ImageSet Load(RunConfig config, string split)
    {
        if (!config.Data.TryGetValue(split, out var dataset))
            throw new UserErrorException($"The config has no data.{split}, which {config.Benchmark} needs.");
        var entries = ListFile.Read(dataset.Source.ListFile);
        var classes = config.Training!.Head.Classes;
        foreach (var entry in entries)
            if (entry.Label >= classes)
                throw new UserErrorException(
                    $"{dataset.Source.ListFile}: {entry.Path} has the label {entry.Label}, but model.head.num_classes is {classes}: labels go from 0 to {classes - 1}.");
        return new ImageSet(new ImagePaths(entries, dataset.Source.Root), [.. entries.Select(entry => entry.Label)], ImagePipeline.Compile(dataset.Pipeline));
    }
}
