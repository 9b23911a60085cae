using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

public sealed class ImagePipelineTests
{
    private static readonly ToTensorConfig ToTensor = new();

    [Fact]
    public void Padding_puts_the_fill_left_top_right_and_bottom()
    {
        var padded = Pipelines.RunOnPixels(new Picture(2, 1, [1, 2, 3, 4, 5, 6]), new PadConfig(1, 2, 3, 1, 9));

        byte[] row = [.. Fill(6)], middle = [.. Fill(1), 1, 2, 3, 4, 5, 6, .. Fill(3)];
        new Picture(6, 4, [.. row, .. row, .. middle, .. row]).AssertEquals(padded, "padded");

        static IEnumerable<byte> Fill(int pixels) => Enumerable.Repeat((byte)9, 3 * pixels);
    }

    [Theory]
    [InlineData(5, 2, 2)] // 1.5 -> 2
    [InlineData(3, 2, 0)] // 0.5 -> 0
    [InlineData(7, 2, 2)] // 2.5 -> 2
    [InlineData(6, 2, 2)]
    [InlineData(4, 4, 0)]
    public void The_offset_of_a_centre_crop_is_rounded_to_even(int side, int crop, int offset) =>
        Assert.Equal(new Rect(offset, offset, crop, crop), Windows.Center(new ImageSize(side, side), new ImageSize(crop, crop)));

    [Fact]
    public void A_centre_crop_of_a_smaller_picture_has_the_odd_zero_on_the_right()
    {
        var cropped = Pipelines.RunOnPixels(new Picture(1, 1, [7, 8, 9]), new CenterCropConfig(1, 4));
        new Picture(4, 1, [0, 0, 0, 7, 8, 9, 0, 0, 0, 0, 0, 0]).AssertEquals(cropped, "cropped");
    }

    [Theory]
    [InlineData(40, 30)]
    [InlineData(30, 20)] // the crop is wider than what is left
    public void A_crop_after_a_resize_gives_the_same_bytes_as_the_two_apart(int height, int width)
    {
        var picture = Picture.Noise(70, 50);
        var resize = new ResizeConfig(36, null, "bicubic");
        foreach (TransformConfig window in new TransformConfig[] { new CenterCropConfig(height, width), new PadConfig(1, 2, 3, 4, 5) })
        {
            var apart = Pipelines.RunOnPixels(Pipelines.RunOnPixels(picture, resize), window);
            apart.AssertEquals(Pipelines.RunOnPixels(picture, resize, window), window.ToString());
        }
    }

    [Fact]
    public void Steps_run_in_the_order_given()
    {
        var picture = Picture.Noise(20, 30);
        var (crop, pad, resize) = (new CenterCropConfig(10, 12), new PadConfig(3, 0, 0, 3, 128), new ResizeConfig(9, 14, "bilinear"));
        var apart = Pipelines.RunOnPixels(Pipelines.RunOnPixels(Pipelines.RunOnPixels(picture, crop), pad), resize);
        apart.AssertEquals(Pipelines.RunOnPixels(picture, crop, pad, resize), "crop, pad, resize");
    }

    [Fact]
    public void Without_steps_on_pixels_the_picture_only_becomes_floats()
    {
        var picture = Picture.Noise(5, 4);
        picture.AssertEquals(Pipelines.RunOnPixels(picture), "unchanged");
    }

    [Theory]
    [InlineData(400, 300, 341, 256)]
    [InlineData(300, 400, 256, 341)]
    [InlineData(333, 333, 256, 256)]
    [InlineData(1, 1000, 256, 256000)]
    public void The_long_side_of_a_resize_is_truncated(int width, int height, int newWidth, int newHeight)
    {
        var pipeline = ImagePipeline.Compile([new ResizeConfig(256, null, "bilinear"), ToTensor]);
        Assert.Equal(new ImageSize(newWidth, newHeight), pipeline.OutputSize(width, height));
        Assert.Null(pipeline.FixedOutputSize);
    }

    [Fact]
    public void The_output_size_is_known_beforehand_when_a_step_fixes_it()
    {
        var pipeline = ImagePipeline.Compile(
            [new ResizeConfig(256, null, "bilinear"), new CenterCropConfig(224, 200), new PadConfig(1, 2, 3, 4, 0), ToTensor]);
        Assert.Equal(new ImageSize(204, 230), pipeline.FixedOutputSize);
        Assert.Equal(new ImageSize(204, 230), pipeline.OutputSize(17, 1000));
        Assert.Equal(new ImageSize(7, 5), ImagePipeline.Compile([new ResizeConfig(5, 7, "nearest"), ToTensor]).FixedOutputSize);
    }

    public static TheoryData<TransformConfig[], string> WrongPipelines() => new()
    {
        { [], "no ToTensor" },
        { [new NormalizeConfig([0, 0, 0], [1, 1, 1]), ToTensor], "Step 1 of the image pipeline, Normalize: it works on floats: put it after ToTensor" },
        { [ToTensor, new CenterCropConfig(2, 2)], "Step 2 of the image pipeline, CenterCrop: it works on pixels: put it before ToTensor" },
        { [ToTensor, ToTensor], "Step 2 of the image pipeline, ToTensor: there is one already" },
        { [new ResizeConfig(0, null, "bilinear"), ToTensor], "Resize: sizes go from 1 to" },
        { [new ResizeConfig(5, 1 << 20, "bilinear"), ToTensor], "Resize: sizes go from 1 to" },
        { [new ResizeConfig(5, null, "cubic"), ToTensor], "interpolation 'cubic' is not known; take nearest, bilinear, bicubic or lanczos" },
        { [new CenterCropConfig(5, -1), ToTensor], "CenterCrop: sizes go from 1 to" },
        { [new PadConfig(0, 0, -1, 0, 0), ToTensor], "Pad: paddings go from 0 to" },
        { [ToTensor, new NormalizeConfig([0], [1, 1, 1])], "Normalize: mean and std need three values each" },
        { [ToTensor, new NormalizeConfig([0, 0, 0], [1, 0, 1])], "Normalize: mean must be finite, and std finite and not 0" },
    };

    [Theory]
    [MemberData(nameof(WrongPipelines))]
    public void A_pipeline_that_cannot_be_is_refused_with_the_step_s_name(TransformConfig[] steps, string message) =>
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => ImagePipeline.Compile(steps)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_picture_that_would_grow_beyond_all_bounds_is_refused()
    {
        var pipeline = ImagePipeline.Compile([new ResizeConfig(60000, null, "bilinear"), ToTensor]);
        Assert.Contains("use smaller sizes", Assert.Throws<UserErrorException>(() => pipeline.OutputSize(10, 11)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_of_another_length_is_refused()
    {
        var pipeline = ImagePipeline.Compile([ToTensor]);
        Assert.Throws<ArgumentException>(() => pipeline.Run(Picture.Noise(3, 3).View, new float[26]));
    }

    [Fact]
    public void Decoding_and_transforming_again_allocates_next_to_nothing()
    {
        var file = File.ReadAllBytes(Fixtures.Path("transforms", "photo_a.jpg"));
        var pipeline = ImagePipeline.Compile(
            [new ResizeConfig(72, null, "bicubic"), new CenterCropConfig(64, 64), ToTensor, new NormalizeConfig([0.5, 0.5, 0.5], [0.2, 0.2, 0.2])]);
        using var decoder = new ImageDecoder();
        var chw = new float[3 * 64 * 64];
        for (var i = 0; i < 3; i++) pipeline.Run(decoder.Decode(file, "photo_a.jpg"), chw);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++) pipeline.Run(decoder.Decode(file, "photo_a.jpg"), chw);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20, 0, 1024);
    }
}
