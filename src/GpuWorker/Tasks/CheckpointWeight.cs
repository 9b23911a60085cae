using ClusterBench.Arrays;
using ClusterBench.Checkpoints;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>A checkpoint's backbone tensor as the weight loader takes it.</summary>
internal sealed class CheckpointWeight(BackboneTensor source) : INamedTensor
{
    public string Name => source.Name;

    public string DType => source.Tensor.DType.Name();

    public IReadOnlyList<long> Shape => source.Tensor.Shape;

    public void CopyToFloat32(Span<float> destination) => source.Tensor.CopyToFloat32(destination);

    public void CopyToInt64(Span<long> destination) => source.Tensor.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(destination));
}
