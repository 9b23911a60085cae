using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;
using ClusterBench.Training;

namespace ClusterBench.Tests.Images;

public sealed class RandomTransformTests
{
    private static readonly ToTensorConfig ToTensor = new();
    private static readonly RandomHorizontalFlipConfig Flip = new(0.5);
    private static readonly RandomResizedCropConfig Squash = new(24, 24, 0.2, 1, 0.75, 4.0 / 3, "bicubic");

    [Theory]
    [InlineData("a32_pad4_crop_2_5", "constant")]
    [InlineData("a32_reflectpad4_crop_7_0", "reflect")]
    public void A_random_crop_gives_torchvisions_pixels_where_its_offsets_are_drawn(string name, string mode)
    {
        var (parameters, source, expected) = Case(name);
        var wanted = new Rect(parameters.GetProperty("left").GetInt32(), parameters.GetProperty("top").GetInt32(), 32, 32);
        var sample = Sample(random => RandomBoxes.Crop(new(40, 40), new(32, 32), random) == wanted);

        expected.AssertEquals(Pipelines.RunOnPixels(source, sample, new RandomCropConfig(32, 32, 4, mode)), name);
    }

    [Theory]
    [InlineData("b_resizedcrop0_bilinear")]
    [InlineData("b_resizedcrop0_bicubic")]
    [InlineData("b_resizedcrop1_bilinear")]
    [InlineData("b_resizedcrop1_bicubic")]
    [InlineData("a_resizedcrop_up_bicubic")]
    public void A_random_resized_crop_gives_torchvisions_pixels_where_its_box_is_drawn(string name)
    {
        var (parameters, source, expected) = Case(name);
        int Int(string key) => parameters.GetProperty(key).GetInt32();
        var wanted = new Rect(Int("left"), Int("top"), Int("width"), Int("height"));
        // Scale and ratio of one value each leave only the place to chance.
        var (scale, ratio) = (wanted.Width * wanted.Height / (double)(source.Width * source.Height), wanted.Width / (double)wanted.Height);
        var config = new RandomResizedCropConfig(expected.Height, expected.Width, scale, scale, ratio, ratio, parameters.GetProperty("interpolation").GetString()!);
        var sample = Sample(random => RandomBoxes.ResizedCrop(source.View.Size, config, random) == wanted);

        expected.AssertEquals(Pipelines.RunOnPixels(source, sample, config), name);
    }

    [Fact]
    public void A_flip_gives_Pillows_pixels_and_a_probability_of_0_the_picture_itself()
    {
        var (_, source, expected) = Case("b_hflip");

        expected.AssertEquals(Pipelines.RunOnPixels(source, new SampleKey(0, 0, 0), new RandomHorizontalFlipConfig(1)), "p = 1");
        source.AssertEquals(Pipelines.RunOnPixels(source, new SampleKey(0, 0, 0), new RandomHorizontalFlipConfig(0)), "p = 0");
    }

    [Theory, InlineData(0.5), InlineData(0.1)]
    public void Flips_come_as_often_as_their_probability_says(double probability)
    {
        var pipeline = ImagePipeline.Compile([new RandomHorizontalFlipConfig(probability), ToTensor]);
        var picture = new Picture(2, 1, [255, 0, 0, 0, 0, 0]);
        const int Draws = 20_000;

        var flips = Enumerable.Range(0, Draws).Count(index => Pipelines.Run(pipeline, picture, new SampleKey(1, 2, index))[0] == 0);

        Assert.Equal(probability, flips / (double)Draws, 5 * Math.Sqrt(probability * (1 - probability) / Draws));
    }

    [Fact]
    public void Two_steps_of_a_pipeline_draw_independently()
    {
        var pipeline = ImagePipeline.Compile([Flip, Flip, ToTensor]);
        var picture = new Picture(2, 1, [255, 0, 0, 0, 0, 0]);

        var flips = Enumerable.Range(0, 4000).Count(index => Pipelines.Run(pipeline, picture, new SampleKey(1, 2, index))[0] == 0);

        Assert.Equal(0.5, flips / 4000.0, 5 * 0.5 / Math.Sqrt(4000));
    }

    [Fact]
    public void Every_place_of_a_random_crop_is_equally_likely()
    {
        const int Draws = 40_500;
        var counts = Enumerable.Range(0, Draws)
            .GroupBy(index => RandomBoxes.Crop(new(40, 40), new(32, 32), new KeyedRandom(7, RandomUse.Transform, 0, index)))
            .Select(boxes => boxes.Count()).ToArray();

        Assert.Equal(81, counts.Length);
        Assert.InRange(counts.Sum(count => Math.Pow(count - 500, 2) / 500), 0, 80 + 5 * Math.Sqrt(160));
    }

    /// <summary>Results of finished runs depend on these boxes; they come from a second implementation, in Python.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0, 101, 14, 300, 357)]
    [InlineData(0, 0, 1, 0, 105, 14, 291, 340)]
    [InlineData(1, 9, 1281166, 2, 16, 17, 292, 317)]
    public void Known_samples_get_known_boxes(int seed, int epoch, int index, int position, int x, int y, int width, int height)
    {
        var config = new RandomResizedCropConfig(224, 224, 0.08, 1, 3.0 / 4, 4.0 / 3, "bicubic");

        var box = RandomBoxes.ResizedCrop(new(500, 375), config, new KeyedRandom(seed, RandomUse.Transform, epoch, index, position));

        Assert.Equal(new Rect(x, y, width, height), box);
        Assert.Equal(new Rect(8, 4, 32, 32), RandomBoxes.Crop(new(40, 40), new(32, 32), new KeyedRandom(0, RandomUse.Transform)));
    }

    /// <summary>
    /// Means and standard deviations over 100,000 draws of torchvision 0.14.1's RandomResizedCrop.get_params, manual_seed(0): share of the
    /// area, logarithm of the aspect, top and left as a share of the room, width and height as a share of the picture's.
    /// </summary>
    public static TheoryData<ImageSize, double, double[], double[]> Boxes => new()
    {
        { new(500, 375), 0.08, [0.433814, 0.030956, 0.499421, 0.498679, 0.564055, 0.720750], [0.217109, 0.163931, 0.296839, 0.290241, 0.172916, 0.187704] },
        { new(32, 32), 0.2, [0.550641, 0.000056, 0.499670, 0.500557, 0.730280, 0.730189], [0.206598, 0.159220, 0.332718, 0.331864, 0.154941, 0.154633] },
        // Wide: most draws do not fit, a third of the boxes are the fall-back.
        { new(600, 100), 0.08, [0.162306, 0.134440, 0.499802, 0.499546, 0.175904, 0.904503], [0.051351, 0.170112, 0.257951, 0.231494, 0.040027, 0.106027] },
    };

    [Theory, MemberData(nameof(Boxes))]
    public void Boxes_of_a_random_resized_crop_are_distributed_as_torchvisions(ImageSize image, double minScale, double[] means, double[] deviations)
    {
        const int Draws = 20_000, Reference = 100_000;
        var config = new RandomResizedCropConfig(8, 8, minScale, 1, 0.75, 4.0 / 3, "bilinear");
        var sums = new double[6];
        for (var index = 0; index < Draws; index++)
        {
            var box = RandomBoxes.ResizedCrop(image, config, new KeyedRandom(3, RandomUse.Transform, 1, index));
            Assert.True(box.IsWithin(image), $"{box} in {image}");
            double[] values =
            [
                (double)box.Width * box.Height / image.Pixels, Math.Log((double)box.Width / box.Height), Share(box.Y, image.Height - box.Height),
                Share(box.X, image.Width - box.Width), (double)box.Width / image.Width, (double)box.Height / image.Height,
            ];
            for (var i = 0; i < values.Length; i++) sums[i] += values[i];
        }

        Assert.All(means.Index(), mean =>
            Assert.Equal(mean.Item, sums[mean.Index] / Draws, 5 * deviations[mean.Index] * Math.Sqrt(1.0 / Draws + 1.0 / Reference)));

        static double Share(int offset, int room) => room > 0 ? (double)offset / room : 0.5;
    }

    [Theory]
    [InlineData(100, 10, 43, 0, 13, 10)] // too wide: 10 * 4/3 = 13.3
    [InlineData(10, 101, 0, 44, 10, 13)] // too tall: 10 / 0.75 = 13.3
    [InlineData(1, 1000, 0, 499, 1, 1)]
    public void Where_no_box_fits_the_largest_centred_one_is_taken(int width, int height, int x, int y, int boxWidth, int boxHeight)
    {
        var config = new RandomResizedCropConfig(8, 8, 0.9, 1, 0.75, 4.0 / 3, "bilinear");

        var box = RandomBoxes.ResizedCrop(new(width, height), config, new KeyedRandom(0, RandomUse.Transform));

        Assert.Equal(new Rect(x, y, boxWidth, boxHeight), box);
    }

    [Fact]
    public void A_sample_looks_the_same_on_any_thread_and_in_any_order()
    {
        var pipeline = ImagePipeline.Compile([new RandomCropConfig(40, 40, 4), Squash, Flip, ToTensor]);
        var picture = Picture.Noise(48, 44);
        float[] Of(int index) => Pipelines.Run(pipeline, picture, new SampleKey(5, 3, index));
        var inOrder = Enumerable.Range(0, 64).Select(Of).ToArray();

        var results = new float[64][];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => results[63 - i] = Of(63 - i));

        Assert.All(inOrder.Index(), sample => Assert.Equal(sample.Item, results[sample.Index]));
        Assert.Equal(64, inOrder.DistinctBy(values => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())))).Count());
    }

    [Fact]
    public void Seed_epoch_and_place_in_the_pipeline_change_what_is_drawn()
    {
        var pipeline = ImagePipeline.Compile([Squash, ToTensor]);
        var later = ImagePipeline.Compile([new PadConfig(0, 0, 0, 0, 0), Squash, ToTensor]);
        var picture = Picture.Noise(48, 44);
        var first = Pipelines.Run(pipeline, picture, new SampleKey(5, 3, 9));

        Assert.Equal(first, Pipelines.Run(pipeline, picture, new SampleKey(5, 3, 9)));
        Assert.NotEqual(first, Pipelines.Run(pipeline, picture, new SampleKey(6, 3, 9)));
        Assert.NotEqual(first, Pipelines.Run(pipeline, picture, new SampleKey(5, 4, 9)));
        Assert.NotEqual(first, Pipelines.Run(later, picture, new SampleKey(5, 3, 9)));
    }

    [Fact]
    public void A_random_pipeline_refuses_to_run_without_a_sample_and_any_other_runs_with_one_as_without()
    {
        var picture = Picture.Noise(48, 44);
        foreach (TransformConfig step in new TransformConfig[] { new RandomCropConfig(8, 8, 0), Squash, Flip })
        {
            var random = ImagePipeline.Compile([step, ToTensor]);
            Assert.True(random.IsRandom);
            Assert.Throws<InvalidOperationException>(() => Pipelines.Run(random, picture));
        }

        var fixedPipeline = ImagePipeline.Compile([new ResizeConfig(20, null, "bicubic"), new CenterCropConfig(16, 16), ToTensor]);
        Assert.False(fixedPipeline.IsRandom);
        Assert.Equal(Pipelines.Run(fixedPipeline, picture), Pipelines.Run(fixedPipeline, picture, new SampleKey(1, 2, 3)));
    }

    [Fact]
    public void A_random_picture_allocates_next_to_nothing()
    {
        var pipeline = ImagePipeline.Compile([new RandomCropConfig(40, 40, 4, "reflect"), Squash, Flip, ToTensor]);
        var picture = Picture.Noise(48, 44);
        var chw = new float[3 * 24 * 24];
        for (var i = 0; i < 3; i++) pipeline.Run(picture.View, chw, new SampleKey(0, 0, i));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++) pipeline.Run(picture.View, chw, new SampleKey(0, 0, i));
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20, 0, 1024);
    }

    [Fact]
    public void Random_crops_fix_the_output_size()
    {
        Assert.Equal(new ImageSize(30, 20), ImagePipeline.Compile([new RandomCropConfig(20, 30, 0), Flip, ToTensor]).FixedOutputSize);
        Assert.Equal(new ImageSize(24, 24), ImagePipeline.Compile([Squash, ToTensor]).FixedOutputSize);
        Assert.Null(ImagePipeline.Compile([Flip, ToTensor]).FixedOutputSize);
    }

    [Theory]
    [InlineData(28, "constant", "RandomCrop cuts 32x32 pixels, more than the picture has with its padding (30x48)")]
    [InlineData(28, "reflect", "RandomCrop cuts 32x32 pixels, more than the picture has with its padding (30x48)")]
    public void A_picture_smaller_than_a_random_crop_is_refused(int width, string mode, string message)
    {
        var pipeline = ImagePipeline.Compile([new RandomCropConfig(32, 32, 1, mode), ToTensor]);

        Assert.Contains(message, Assert.Throws<UserErrorException>(() => pipeline.OutputSize(width, 46)).Message, StringComparison.Ordinal);
        Assert.Equal(new ImageSize(32, 32), pipeline.OutputSize(30, 30));
    }

    [Fact]
    public void A_picture_smaller_than_what_is_mirrored_is_refused()
    {
        var pipeline = ImagePipeline.Compile([new RandomCropConfig(8, 8, 4, "reflect"), ToTensor]);

        Assert.Contains("cannot mirror 4 pixels", Assert.Throws<UserErrorException>(() => pipeline.OutputSize(4, 9)).Message, StringComparison.Ordinal);
        Assert.Equal(new ImageSize(8, 8), pipeline.OutputSize(5, 9));
    }

    public static TheoryData<TransformConfig, string> WrongSteps => new()
    {
        { new RandomCropConfig(0, 8, 0), "RandomCrop: sizes go from 1 to" },
        { new RandomCropConfig(8, 8, -1), "RandomCrop: paddings go from 0 to" },
        { new RandomCropConfig(8, 8, 1, "edge"), "RandomCrop: padding mode 'edge' is not known" },
        { Squash with { Width = -3 }, "RandomResizedCrop: sizes go from 1 to" },
        { Squash with { MinScale = 0 }, "RandomResizedCrop: the scale" },
        { Squash with { MinScale = 0.5, MaxScale = 0.4 }, "RandomResizedCrop: the scale" },
        { Squash with { MaxScale = 1.5 }, "RandomResizedCrop: the scale" },
        { Squash with { MinRatio = 0 }, "RandomResizedCrop: the ratio" },
        { Squash with { MinRatio = 2, MaxRatio = 1 }, "RandomResizedCrop: the ratio" },
        { Squash with { MinRatio = 1, MaxRatio = double.PositiveInfinity }, "RandomResizedCrop: the ratio" },
        { Squash with { Interpolation = "cubic" }, "RandomResizedCrop: interpolation 'cubic'" },
        { new RandomHorizontalFlipConfig(1.1), "RandomHorizontalFlip: a probability" },
        { new RandomHorizontalFlipConfig(double.NaN), "RandomHorizontalFlip: a probability" },
    };

    [Theory, MemberData(nameof(WrongSteps))]
    public void A_step_that_cannot_be_is_refused_by_name(TransformConfig step, string message) =>
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => ImagePipeline.Compile([step, ToTensor])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_random_step_behind_ToTensor_is_refused() =>
        Assert.Contains("put it before ToTensor", Assert.Throws<UserErrorException>(() => ImagePipeline.Compile([ToTensor, Flip])).Message, StringComparison.Ordinal);

    /// <summary>A sample for which the pipeline's first step draws what the test wants.</summary>
    private static SampleKey Sample(Predicate<KeyedRandom> draws) => new(2, 4, Enumerable.Range(0, 1_000_000)
        .First(index => draws(new KeyedRandom(2, RandomUse.Transform, 4, index, 0))));

    private static (JsonElement Parameters, Picture Source, Picture Expected) Case(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("transforms", "index.json")));
        var root = document.RootElement.Clone();
        var entry = root.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var source = root.GetProperty("images").GetProperty(entry.GetProperty("source").GetString()!).GetProperty("decoded").GetString()!;
        return (entry.GetProperty("params"), Picture.Read(Fixtures.Path("transforms", source)), Picture.Read(Fixtures.Path("transforms", entry.GetProperty("file").GetString()!)));
    }
}
