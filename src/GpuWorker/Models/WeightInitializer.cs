using ClusterBench.Checkpoints;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Models;

/// <summary>The weights that training of a classifier begins from: a function of seed, config and checkpoint alone.</summary>
public static class WeightInitializer
{
    /// <summary>
    /// Fills all tensors of a classifier that is as it was made. The head's weights are normal with the config's standard deviation,
    /// its bias 0. The backbone comes from the checkpoint, or without one from scratch as upstream has it: kernels Kaiming-normal by
    /// fan-out, norms 1, and 0 for the last norm of every residual branch, so that each block begins as its shortcut.
    /// </summary>
    /// <param name="weights">Of the layout of <see cref="ClassifierNetwork.LayoutOf"/>.</param>
    /// <param name="checkpoint">Path of the checkpoint; null: from scratch.</param>
    /// <returns>What came of loading, for people; empty from scratch.</returns>
    /// <exception cref="UserErrorException">The checkpoint cannot be used or does not fit.</exception>
    public static IReadOnlyList<string> Fill(ModelWeights weights, RunConfig config, string? checkpoint)
    {
        var head = config.Training!.Head;
        var kernel = weights.Layout[ClassifierNetwork.HeadPrefix + "fc.weight"];
        FillNormal(weights, kernel, config.Seed, head.InitStd);
        if (checkpoint is not null)
            return LoadBackbone(weights, config, checkpoint);
        foreach (var entry in weights.Layout.Entries.Where(entry => entry.Shape.Count == 4))
            FillNormal(weights, entry, config.Seed, Math.Sqrt(2.0 / FanOut(entry)));
        var lastNorm = ResNetShape.Of(config.Backbone).Bottleneck ? ".bn3.weight" : ".bn2.weight";
        foreach (var entry in weights.Layout.Entries.Where(entry => entry.Name.EndsWith(lastNorm, StringComparison.Ordinal)))
            weights.Floats(entry).Clear();
        return [];
    }

    /// <summary>Output channels times positions of the kernel (He et al., "Delving deep into rectifiers", 2015).</summary>
    private static long FanOut(LayoutEntry kernel) => kernel.Shape[0] * kernel.Shape[2] * kernel.Shape[3];

    private static void FillNormal(ModelWeights weights, LayoutEntry entry, int seed, double deviation)
    {
        var random = new KeyedRandom(seed, RandomUse.Initialization, weights.Layout.Entries.IndexOf(entry));
        foreach (ref var value in weights.Floats(entry))
            value = (float)(deviation * random.NextNormal());
    }

    private static int IndexOf(this IReadOnlyList<LayoutEntry> entries, LayoutEntry entry)
    {
        for (var i = 0; i < entries.Count; i++)
            if (ReferenceEquals(entries[i], entry))
                return i;
        throw new ArgumentException($"{entry.Name} is not of this layout", nameof(entry));
    }

    private static IReadOnlyList<string> LoadBackbone(ModelWeights weights, RunConfig config, string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        var backbone = BackboneTensors.Find(checkpoint);
        using var loaded = ModelWeights.For(config.Backbone);
        var report = WeightLoader.Load(loaded, backbone.Kept.Select(tensor => new CheckpointWeight(tensor)), path, config.AllowPartial);
        foreach (var entry in loaded.Layout.Entries)
        {
            var target = weights.Layout[ClassifierNetwork.BackbonePrefix + entry.Name];
            if (entry.Role == TensorRole.Counter)
                weights.Counter(target) = loaded.Counter(entry);
            else
                loaded.Floats(entry).CopyTo(weights.Floats(target));
        }
        return [$"backbone from {Path.GetFileName(path)} ({backbone.Layout})", .. report.Lines];
    }
}
