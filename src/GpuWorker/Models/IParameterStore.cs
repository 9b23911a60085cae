using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// What a network's constructor takes its tensors from, in the order of PyTorch's state dict. The first build records the layout
/// (<see cref="LayoutRecorder"/>), every later one hands out views of one flat memory (<see cref="ModelReplica"/>): networks copy
/// nothing, and any number of them share one set of weights.
/// </summary>
public interface IParameterStore
{
    /// <summary>A float32 weight that training changes.</summary>
    /// <param name="name">Its key in the state dict.</param>
    Parameter Param(string name, params long[] shape);

    /// <summary>A float32 statistic that a forward pass in training writes; the replica's own in training.</summary>
    Tensor Buffer(string name, params long[] shape);

    /// <summary>A count that belongs to the state dict and moves with applied steps; no forward pass reads or writes it.</summary>
    void Counter(string name);
}

/// <summary>
/// The first build of a network: only names and shapes count. What it hands out is null, so a network may keep it but not use it
/// in its constructor. It needs no libtorch.
/// </summary>
public sealed class LayoutRecorder : IParameterStore
{
    public ParameterLayout Layout { get; } = new();

    public Parameter Param(string name, params long[] shape)
    {
        Layout.Add(name, shape, TensorRole.Parameter);
        return null!;
    }

    public Tensor Buffer(string name, params long[] shape)
    {
        Layout.Add(name, shape, TensorRole.Buffer);
        return null!;
    }

    public void Counter(string name) => Layout.Add(name, [], TensorRole.Counter);
}
