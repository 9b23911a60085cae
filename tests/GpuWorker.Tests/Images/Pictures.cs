using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

/// <summary>A picture that owns its bytes, for comparisons.</summary>
internal sealed record Picture(int Width, int Height, byte[] Pixels)
{
    public RgbImage View => new(Width, Height, Pixels);

    public static Picture Read(string path, bool turbo = true)
    {
        using var decoder = new ImageDecoder(useTurboJpeg: turbo);
        return Copy(decoder.Decode(path));
    }

    public static Picture Copy(in RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());

    /// <summary>A picture without any regularity that a wrong index could hide behind.</summary>
    public static Picture Noise(int width, int height)
    {
        var pixels = new byte[3 * width * height];
        var state = (uint)(width * 65537 + height);
        for (var i = 0; i < pixels.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            pixels[i] = (byte)(state >> 24);
        }
        return new Picture(width, height, pixels);
    }

    public void AssertEquals(Picture other, string name)
    {
        Assert.True((Width, Height) == (other.Width, other.Height), $"{name}: {other.Width}x{other.Height}, not {Width}x{Height}");
        var different = Pixels.Zip(other.Pixels).Count(p => p.First != p.Second);
        Assert.True(different == 0, $"{name}: {different} of {Pixels.Length} values differ");
    }
}

internal static class Pipelines
{
    /// <summary>Runs steps on pixels and gives the pixels back, by way of ToTensor.</summary>
    public static Picture RunOnPixels(Picture picture, params TransformConfig[] steps) => RunOnPixels(picture, null, steps);

    /// <summary>The same for random steps.</summary>
    public static Picture RunOnPixels(Picture picture, SampleKey? sample, params TransformConfig[] steps)
    {
        var pipeline = ImagePipeline.Compile([.. steps, new ToTensorConfig()]);
        var size = pipeline.OutputSize(picture.Width, picture.Height);
        var chw = Run(pipeline, picture, sample);
        var pixels = new byte[chw.Length];
        var plane = size.Pixels;
        for (var c = 0; c < 3; c++)
            for (var i = 0; i < plane; i++)
            {
                var value = (byte)MathF.Round(chw[c * plane + i] * 255);
                Assert.Equal(value / 255f, chw[c * plane + i]);
                pixels[3 * i + c] = value;
            }
        return new Picture(size.Width, size.Height, pixels);
    }

    public static float[] Run(ImagePipeline pipeline, Picture picture, SampleKey? sample = null)
    {
        var chw = new float[3 * pipeline.OutputSize(picture.Width, picture.Height).Pixels];
        pipeline.Run(picture.View, chw, sample);
        return chw;
    }
}
