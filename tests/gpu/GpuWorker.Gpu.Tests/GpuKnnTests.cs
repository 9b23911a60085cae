using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Tests.Features;

namespace ClusterBench.Tests.OnGpu;

[Collection(nameof(OneAtATime))]
public sealed class GpuKnnTests
{
    [Fact]
    public void Accuracies_are_those_of_the_processor()
    {
        var (processor, gpu) = (Evaluate(ComputeDevice.Cpu), Evaluate(TheGpu.Device));
        foreach (var (here, there) in processor.Zip(gpu))
        {
            // Rounding may decide the k-th neighbour: one prediction of the 1000 may differ.
            Assert.InRange(here.Predictions.Zip(there.Predictions).Count(pair => pair.First != pair.Second), 0, 1);
            Assert.Equal(here.Top1, there.Top1, 0.11);
        }
    }

    [Fact]
    public void Similarities_are_those_of_the_processor_and_the_same_again()
    {
        var (processor, first, second) = (Search(ComputeDevice.Cpu, 2), Search(TheGpu.Device, 2), Search(TheGpu.Device, 3));
        Assert.Equal(first.Similarities, second.Similarities);
        Assert.Equal(first.Indices, second.Indices);
        Assert.All(processor.Similarities.Zip(first.Similarities), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    private static IReadOnlyList<KnnResult> Evaluate(ComputeDevice device) =>
        KnnVote.Evaluate(KnnMerge.Merge([Search(device, 2)], 200), Samples.Labels("train.txt"), Samples.Labels("val.txt"), [10, 20, 100, 200], 0.07, 10);

    private static KnnCandidates Search(ComputeDevice device, int tokens)
    {
        var (bank, width) = Samples.Features("simclr", "train_feat5");
        var (queries, _) = Samples.Features("simclr", "val_feat5");
        return KnnSearch.Block(queries, bank, width, 0, 200, new(256, 512, 1), tokens, device: device, cancellation: TestContext.Current.CancellationToken);
    }
}
