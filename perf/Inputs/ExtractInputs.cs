using System.Collections.Specialized;
using System.Runtime.InteropServices;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;

namespace ClusterBench.Perf.Inputs;

/// <summary>A ResNet-50 with random weights, as a checkpoint that both sides read, and a batch of random images.</summary>
internal static class ExtractInputs
{
    public const string Weights = "weights.pth", Images = "images.bin";

    public static readonly BackboneConfig Network = new() { Type = "ResNet", Depth = 50 };

    /// <summary>The evaluation transforms of ImageNet.</summary>
    public static readonly IReadOnlyList<TransformConfig> Transforms =
    [
        new ResizeConfig(256, null, "bilinear"), new CenterCropConfig(224, 224), new ToTensorConfig(),
        new NormalizeConfig([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ];

    public static void Write(string folder, int batch, int size)
    {
        var noise = new Noise(1);
        var tensors = new OrderedDictionary();
        foreach (var entry in ResNet.LayoutOf(Network).Entries)
            tensors.Add(entry.Name, entry.Role == TensorRole.Counter
                ? TensorToSave.From<long>(DType.Int64, entry.Shape, new long[] { 1 })
                : TensorToSave.Float32(entry.Shape, Values(entry, noise)));
        CheckpointWriter.Write(Path.Combine(folder, Weights), tensors);

        var images = new float[batch * 3 * size * size];
        noise.Fill(images, 1);
        File.WriteAllBytes(Path.Combine(folder, Images), MemoryMarshal.AsBytes(images.AsSpan()));
    }

    /// <summary>He initialisation by fan-in; the last norm of a block is small, so that sums over 16 blocks stay small.</summary>
    private static float[] Values(LayoutEntry entry, Noise noise)
    {
        var values = new float[entry.Count];
        if (entry.Shape.Count > 1)
            noise.Fill(values, Math.Sqrt(2.0 / entry.Shape.Skip(1).Aggregate(1L, (product, side) => product * side)));
        else if (entry.Name.EndsWith("bias", StringComparison.Ordinal) || entry.Name.EndsWith("mean", StringComparison.Ordinal))
            noise.Fill(values, 0.1);
        else
            Array.Fill(values, entry.Name.EndsWith("bn3.weight", StringComparison.Ordinal) ? 0.25f : 1);
        return values;
    }
}
