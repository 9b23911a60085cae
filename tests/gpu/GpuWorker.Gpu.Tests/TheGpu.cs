using ClusterBench.GpuWorker.Devices;

namespace ClusterBench.Tests.OnGpu;

/// <summary>The GPU under test; without one every test fails with the reason.</summary>
internal static class TheGpu
{
    private static readonly Lazy<ComputeDevice> First = new(() => DeviceChoice.Make("cuda:0", slot: null));

    public static ComputeDevice Device => First.Value;
}

/// <summary>One test takes all of the GPU's memory: no other runs beside it.</summary>
[CollectionDefinition(nameof(OneAtATime))]
public sealed class OneAtATime;
