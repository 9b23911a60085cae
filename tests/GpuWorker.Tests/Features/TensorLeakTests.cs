using ClusterBench.GpuWorker.Features;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Features;

/// <summary>The number of live tensors is one for the process.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TensorLeakTests
{
    [Fact]
    public void Fifty_batches_leave_no_tensor_behind()
    {
        using var source = new Batches(new float[16 * 3 * 32 * 32], 16);
        using var weights = Samples.Weights("random");
        using var extractor = new FeatureExtractor(Samples.Config, weights, new(["feat1", "feat5"], "gap", 16, 1, 2));
        var rows = extractor.Columns.Select(column => (Memory<float>)new float[16 * column.Width]).ToArray();
        extractor.Extract(source.All(), rows, TestContext.Current.CancellationToken);
        var before = Tensor.TotalCount;
        extractor.Extract(Enumerable.Range(0, 50).SelectMany(_ => source.All()), rows, TestContext.Current.CancellationToken);
        Assert.Equal(before, Tensor.TotalCount);
    }
}
