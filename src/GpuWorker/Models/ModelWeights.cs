using ClusterBench.Configs;
using ClusterBench.GpuWorker.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// The worker's one set of weights of a network: all parameters in one flat tensor, all batch-norm statistics in another. Replicas
/// alias them; only applying a step changes them.
/// </summary>
public sealed class ModelWeights : IDisposable
{
    /// <summary>Until weights are loaded or initialised norms do nothing (weight and variance 1) and everything else is 0.</summary>
    public ModelWeights(ParameterLayout layout)
    {
        NativeSetup.Initialize();
        Layout = layout;
        Parameters = new Parameter(zeros(layout.ParameterLength, ScalarType.Float32));
        Parameters.DetachFromDisposeScope();
        Buffers = zeros(layout.BufferLength, ScalarType.Float32).DetachFromDisposeScope();
        Counters = zeros(layout.CounterCount, ScalarType.Int64).DetachFromDisposeScope();
        foreach (var entry in layout.Entries.Where(IsFactor))
            Floats(entry).Fill(1);
    }

    /// <summary>Weights for the network that a config describes.</summary>
    public static ModelWeights For(BackboneConfig config) => new(ResNet.LayoutOf(config));

    public ParameterLayout Layout { get; }

    /// <summary>All parameters, flat; what an optimizer steps on.</summary>
    public Parameter Parameters { get; }

    /// <summary>All running statistics, flat.</summary>
    public Tensor Buffers { get; }

    /// <summary>All counters, int64.</summary>
    public Tensor Counters { get; }

    /// <summary>The elements of a float32 tensor of the network, row-major, to read and to fill.</summary>
    public Span<float> Floats(LayoutEntry entry) =>
        (entry.Role == TensorRole.Parameter ? Parameters : Buffers).Floats().Slice(checked((int)entry.Offset), checked((int)entry.Count));

    /// <summary>A counter of the network.</summary>
    public ref long Counter(LayoutEntry entry) => ref Counters.Longs()[checked((int)entry.Offset)];

    private static bool IsFactor(LayoutEntry entry) =>
        entry.Name.EndsWith(".running_var", StringComparison.Ordinal)
        || (entry.Shape.Count == 1 && entry.Name.EndsWith(".weight", StringComparison.Ordinal));

    public void Dispose()
    {
        Parameters.Dispose();
        Buffers.Dispose();
        Counters.Dispose();
    }
}
