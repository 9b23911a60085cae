using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>A reader's batch as tensors in memory of libtorch's own.</summary>
internal static class BatchTensors
{
    /// <param name="rows">Rows to take: the real images in training, the padded batch in evaluation.</param>
    /// <returns>rows x 3 x height x width, channels-last.</returns>
    public static Tensor Images(ImageBatch batch, ImageSize size, int rows)
    {
        using var planes = empty(rows, 3, size.Height, size.Width, ScalarType.Float32);
        var values = planes.Floats();
        batch.Floats[..values.Length].CopyTo(values);
        return planes.ChannelsLast();
    }

    /// <summary>The classes of the batch's images.</summary>
    public static int[] Labels(ImageBatch batch, IReadOnlyList<int> labels) => [.. batch.Samples.Select(sample => labels[sample])];

    /// <returns>int64, one for each image.</returns>
    public static Tensor Targets(ReadOnlySpan<int> labels)
    {
        var targets = empty(labels.Length, ScalarType.Int64);
        var values = targets.Longs();
        for (var i = 0; i < labels.Length; i++)
            values[i] = labels[i];
        return targets;
    }
}
