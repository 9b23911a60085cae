using System.Globalization;
using System.Security.Cryptography;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

public sealed class ResamplerTests
{
    [Fact]
    public void Noise_of_160_sizes_boxes_and_filters_comes_out_as_in_Pillow_vectorized_or_not()
    {
        var lines = File.ReadAllLines(Fixtures.Path("transforms", "resize_noise.tsv"));
        var wrong = lines.SelectMany(line => new[] { true, false }.Where(v => Digest(line, v) != line.Split('\t')[9]).Select(v => $"{line} {v}"));
        Assert.Equal(160, lines.Length);
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("bilinear")]
    [InlineData("bicubic")]
    [InlineData("lanczos")]
    [InlineData("nearest")]
    public void A_window_of_the_result_is_the_same_as_cutting_it_from_the_whole(string filter)
    {
        var picture = Picture.Noise(61, 47);
        var box = new Rect(2, 3, 59, 41);
        var size = new ImageSize(53, 90);
        var window = new Rect(11, 29, 31, 40);
        var cut = new byte[3 * window.Size.Pixels];
        Windows.Copy(Resize(picture, box, size, Rect.Whole(size), filter, true).View, window, 0, cut);

        new Picture(31, 40, cut).AssertEquals(Resize(picture, box, size, window, filter, true), filter);
        new Picture(31, 40, cut).AssertEquals(Resize(picture, box, size, window, filter, false), filter);
    }

    [Fact]
    public void Overshoot_of_the_cubic_kernel_is_clamped()
    {
        var steps = new Picture(8, 1, [.. Enumerable.Range(0, 24).Select(i => (byte)(i < 12 ? 0 : 255))]);
        var result = Resize(steps, new Rect(0, 0, 8, 1), new ImageSize(32, 1), new Rect(0, 0, 32, 1), "bicubic", true);
        Assert.Equal(0, result.Pixels.Min());
        Assert.Equal(255, result.Pixels.Max());
        Assert.Contains(result.Pixels, v => v is > 0 and < 255);
    }

    [Theory]
    [InlineData(0, 0, 11, 5)]
    [InlineData(-1, 0, 5, 5)]
    [InlineData(6, 1, 5, 5)]
    [InlineData(0, 0, 0, 5)]
    [InlineData(int.MaxValue, 0, 5, 5)]
    public void A_box_beyond_the_picture_is_refused(int x, int y, int width, int height)
    {
        var size = new ImageSize(4, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Resampler.Resize(Picture.Noise(10, 6).View, new Rect(x, y, width, height), size, Rect.Whole(size), ResampleFilter.Bilinear, new byte[48]));
    }

    private static string Digest(string line, bool vectorized)
    {
        var columns = line.Split('\t');
        var n = columns[..8].Select(v => int.Parse(v, CultureInfo.InvariantCulture)).ToArray();
        var size = new ImageSize(n[6], n[7]);
        var result = Resize(Picture.Noise(n[0], n[1]), new Rect(n[2], n[3], n[4], n[5]), size, Rect.Whole(size), columns[8], vectorized);
        return Convert.ToHexStringLower(SHA256.HashData(result.Pixels))[..16];
    }

    private static Picture Resize(Picture picture, Rect box, ImageSize size, Rect window, string filter, bool vectorized)
    {
        var pixels = new byte[3 * window.Size.Pixels];
        ResampleFilter? kernel = filter switch
        {
            "bilinear" => ResampleFilter.Bilinear,
            "bicubic" => ResampleFilter.Bicubic,
            "lanczos" => ResampleFilter.Lanczos,
            _ => null,
        };
        if (kernel is null) NearestResampler.Resize(picture.View, box, size, window, pixels);
        else Resampler.Resize(picture.View, box, size, window, kernel, pixels, vectorized);
        return new Picture(window.Width, window.Height, pixels);
    }
}
