using System.Runtime.InteropServices;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;

namespace ClusterBench.GpuWorker.Training;

/// <summary>A tensor of a checkpoint under the name that its state dict gives it.</summary>
internal sealed record NamedTensor(string Name, CheckpointTensor Tensor) : INamedTensor
{
    public string DType => Tensor.DType.Name();

    public IReadOnlyList<long> Shape => Tensor.Shape;

    public void CopyToFloat32(Span<float> destination) => Tensor.CopyToFloat32(destination);

    public void CopyToInt64(Span<long> destination) => Tensor.CopyTo(MemoryMarshal.AsBytes(destination));
}
