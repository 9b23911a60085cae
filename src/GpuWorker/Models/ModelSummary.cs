using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Models;

/// <summary>A tensor of a network as <c>model show</c> prints it.</summary>
/// <param name="Name">Its key in the state dict.</param>
/// <param name="DType"><c>float32</c> or <c>int64</c>.</param>
/// <param name="IsParameter">Whether training changes it by its gradient; otherwise it is a buffer.</param>
public sealed record TensorSummary(string Name, IReadOnlyList<long> Shape, string DType, bool IsParameter)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>What a network consists of, without building it: no libtorch is loaded.</summary>
public static class ModelSummary
{
    /// <summary>Every parameter and buffer in the order of the state dict.</summary>
    /// <exception cref="UserErrorException">There is no such network.</exception>
    public static IReadOnlyList<TensorSummary> Of(BackboneConfig config) =>
        [.. ResNet.LayoutOf(config).Entries.Select(entry => new TensorSummary(entry.Name, entry.Shape, entry.DType, entry.Role == TensorRole.Parameter))];
}
