using System.Globalization;

namespace ClusterBench.GpuWorker.Devices;

/// <summary>A GPU as the driver describes it.</summary>
/// <param name="Index">Its number among those that CUDA_VISIBLE_DEVICES leaves; libtorch counts the same way.</param>
/// <param name="Name">E.g. <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Uuid">32 hex digits that are the GPU's own for ever; empty where the driver does not say.</param>
/// <param name="Memory">Bytes.</param>
public sealed record Gpu(int Index, string Name, string Uuid, long Memory)
{
    /// <summary>E.g. <c>cuda:0 (NVIDIA H100 80GB HBM3, 80 GB)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"cuda:{Index} ({Name}, {Memory / 1e9:0} GB)");
}
