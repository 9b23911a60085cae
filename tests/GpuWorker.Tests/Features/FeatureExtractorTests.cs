using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Features;
using ClusterBench.Tests.Models;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Features;

public sealed class FeatureExtractorTests
{
    private static readonly string[] All = ["feat1", "feat2", "feat3", "feat4", "feat5"];

    [Theory, InlineData("simclr"), InlineData("random")]
    public void Features_of_sample_images_are_those_of_PyTorch(string checkpoint)
    {
        var rows = Extract(checkpoint, Samples.Images(64), new(All, "gap", BatchSize: 16, Threads: 1, Tokens: 2));
        foreach (var (index, name) in All.Index())
        {
            var (expected, width) = Samples.Features(checkpoint, $"val64_{name}");
            Assert.Equal(64 * width, rows[index].Length);
            var difference = ModelFixture.Relative(rows[index], expected);
            TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {difference:E1}");
            Assert.InRange(difference, 0, 1e-5);
        }
    }

    [Fact]
    public void The_stored_input_of_the_reference_gives_the_reference_features()
    {
        var (input, shape) = Npy.Floats(Fixtures.Path("features", "val4_input.npy"));
        Assert.Equal([4, 3, 32, 32], shape);
        var rows = Extract("simclr", input, new(["feat5"], "gap", BatchSize: 4, Threads: 1, Tokens: 1));
        Assert.InRange(ModelFixture.Relative(rows[0], Samples.Features("simclr", "val64_feat5").Values.AsSpan(0, rows[0].Length)), 0, 1e-5);
    }

    [Fact]
    public void Bits_do_not_depend_on_how_many_batches_run_at_once()
    {
        var images = Samples.Images(60);
        var results = new[] { 1, 2, 3 }.Select(tokens => Extract("simclr", images, new(All, "gap", BatchSize: 8, Threads: 1, Tokens: tokens))).ToArray();
        foreach (var result in results.Skip(1))
            for (var i = 0; i < All.Length; i++)
                Assert.True(MemoryMarshal.AsBytes(results[0][i].AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(result[i].AsSpan())), All[i]);
    }

    [Fact]
    public void Only_the_features_asked_for_come_in_their_order()
    {
        var images = Samples.Images(8);
        var all = Extract("simclr", images, new(All, "gap", 8, 1, 1));
        var some = Extract("simclr", images, new(["feat3", "feat1"], "gap", 8, 1, 1));
        Assert.Equal(all[2], some[0]);
        Assert.Equal(all[0], some[1]);
    }

    [Fact]
    public void An_error_of_the_source_ends_extraction_and_every_batch_taken_is_released()
    {
        using var source = new Batches(new float[32 * 3 * 32 * 32], 8);
        using var weights = Samples.Weights("random");
        using var extractor = new FeatureExtractor(Samples.Config, weights, new(["feat1"], "gap", 8, 1, 2));
        IEnumerable<ImageBatch> Broken()
        {
            foreach (var batch in source.All().Take(3))
                yield return batch;
            throw new UserErrorException("image 25 is truncated");
        }

        var error = Assert.Throws<UserErrorException>(() => extractor.Extract(Broken(), [new float[32 * 16]], TestContext.Current.CancellationToken));
        Assert.Equal("image 25 is truncated", error.Message);
        Assert.Equal(3, source.Released);
    }

    [Fact]
    public void A_batch_of_another_size_is_refused()
    {
        using var source = new Batches(new float[8 * 3 * 32 * 32], 4);
        using var weights = Samples.Weights("random");
        using var extractor = new FeatureExtractor(Samples.Config, weights, new(["feat1"], "gap", 8, 1, 1));
        Assert.Contains("does not fit batches of 8", Assert.Throws<ArgumentException>(
            () => extractor.Extract(source.All(), [new float[8 * 16]], TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feat6", "gap", "The feature 'feat6' is not one of a ResNet_CIFAR. Valid: feat1, feat2, feat3, feat4, feat5.")]
    [InlineData("feat5", "mean", "pool: 'mean' is not known here. Valid: gap.")]
    public void An_unknown_name_is_an_error_that_lists_the_valid_ones(string feature, string pool, string message) =>
        Assert.Equal(message, Assert.Throws<UserErrorException>(() => FeatureNames.Resolve(Samples.Config, [feature], pool)).Message);

    private static float[][] Extract(string checkpoint, float[] images, ExtractionSettings settings)
    {
        using var source = new Batches(images, settings.BatchSize);
        using var weights = Samples.Weights(checkpoint);
        using var extractor = new FeatureExtractor(Samples.Config, weights, settings);
        var rows = extractor.Columns.Select(column => new float[source.Images * column.Width]).ToArray();
        extractor.Extract(source.All(), [.. rows.Select(row => row.AsMemory())], TestContext.Current.CancellationToken);
        Assert.Equal(source.All().Count(), source.Released);
        return rows;
    }
}
