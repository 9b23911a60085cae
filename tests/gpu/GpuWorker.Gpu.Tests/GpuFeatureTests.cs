using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Features;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Tests.Features;
using ClusterBench.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ClusterBench.Tests.OnGpu;

[Collection(nameof(OneAtATime))]
public sealed class GpuFeatureTests
{
    private static readonly string[] All = ["feat1", "feat2", "feat3", "feat4", "feat5"];

    // 1e-4 is what features promise against PyTorch; TF32, with its 10 bits, would not hold it.
    [Theory, InlineData("simclr"), InlineData("random")]
    public void Features_are_those_of_the_processor_and_of_PyTorch(string checkpoint)
    {
        var images = Samples.Images(60);
        var (processor, gpu) = (Extract(checkpoint, images, ComputeDevice.Cpu), Extract(checkpoint, images, TheGpu.Device));
        foreach (var (index, name) in All.Index())
        {
            var expected = Samples.Features(checkpoint, $"val64_{name}").Values.AsSpan(0, gpu[index].Length);
            var (here, reference) = (ModelFixture.Relative(gpu[index], processor[index]), ModelFixture.Relative(gpu[index], expected));
            TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {here:E1} from the processor, {reference:E1} from PyTorch");
            Assert.InRange(here, 0, 1e-4);
            Assert.InRange(reference, 0, 1e-4);
        }
    }

    [Fact]
    public void The_same_images_give_the_same_bits_again()
    {
        var images = Samples.Images(60);
        var (first, second) = (Extract("simclr", images, TheGpu.Device), Extract("simclr", images, TheGpu.Device));
        Assert.Null(Bits.Difference(first, second));
    }

    [Fact]
    public void A_batch_that_the_memory_cannot_hold_is_an_error_with_a_way_out_and_smaller_ones_go_on()
    {
        using (var scope = NewDisposeScope())
        {
            Hog(1 << 30);
            Hog(1 << 26);
            using var source = new Batches(new float[4096 * 3 * 32 * 32], 4096);
            using var weights = Samples.Weights("random");
            using var extractor = new FeatureExtractor(Samples.Config, weights, new(["feat5"], "gap", 4096, 1, 1), TheGpu.Device);
            var error = Assert.Throws<UserErrorException>(() => extractor.Extract(source.All(), [new float[4096 * 128]], TestContext.Current.CancellationToken));
            Assert.Contains("has not enough free memory for a batch of 4096 images of 3 x 32 x 32", error.Message, StringComparison.Ordinal);
            Assert.Contains("a smaller data.imgs_per_gpu", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, source.Released);
        }

        Assert.Equal(60 * 128, Extract("simclr", Samples.Images(60), TheGpu.Device)[4].Length);
    }

    /// <summary>Takes the GPU's memory in pieces of that many bytes until there is no such piece left.</summary>
    private static void Hog(int bytes)
    {
        try
        {
            while (true)
                _ = empty(bytes, ScalarType.Byte, new Device(DeviceType.CUDA, TheGpu.Device.Gpu!.Index));
        }
        catch (ExternalException e) when (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
        }
    }

    private static float[][] Extract(string checkpoint, float[] images, ComputeDevice device)
    {
        using var source = new Batches(images, 16);
        using var weights = Samples.Weights(checkpoint);
        using var extractor = new FeatureExtractor(Samples.Config, weights, new(All, "gap", 16, 1, 2), device);
        var rows = extractor.Columns.Select(column => new float[source.Images * column.Width]).ToArray();
        extractor.Extract(source.All(), [.. rows.Select(row => row.AsMemory())], TestContext.Current.CancellationToken);
        Assert.Equal(source.All().Count(), source.Released);
        return rows;
    }
}
