using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>A part of the training state that is copied between members: contiguous, of any type (bytes: uint8).</summary>
/// <param name="Name">The same on every member.</param>
public sealed record StateTensor(string Name, Tensor Tensor);
