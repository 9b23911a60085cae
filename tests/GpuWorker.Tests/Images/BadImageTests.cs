using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

public sealed class BadImageTests
{
    public static TheoryData<string, double, bool> CutFiles() => new(
        from name in new[]
        {
            "baseline_420.jpg", "baseline_444.jpg", "progressive.jpg", "progressive_gray.jpg", "cmyk.jpg",
            "rgba.png", "palette.png", "interlaced.png", "rgb.bmp", "lossy.webp",
        }
        from part in new[] { 0.02, 0.5, 0.8, 0.97 }
        from turbo in new[] { true, false }
        select (name, part, turbo));

    [Theory]
    [MemberData(nameof(CutFiles))]
    public void A_cut_file_is_an_error_that_names_it(string name, double part, bool turbo)
    {
        var whole = Odd(name);
        var error = Refused(whole[..(int)(whole.Length * part)], turbo);
        Assert.Contains("the/file", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("or take it out of the list.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("baseline_420.jpg", true)]
    [InlineData("baseline_420.jpg", false)]
    [InlineData("progressive.jpg", true)]
    [InlineData("progressive.jpg", false)]
    public void A_JPEG_without_its_end_marker_is_truncated_as_for_Pillow(string name, bool turbo) =>
        Assert.Equal("it ends before the picture does (truncated)", Refused(Odd(name)[..^2], turbo).Reason);

    [Fact]
    public void The_end_marker_of_an_embedded_thumbnail_does_not_count()
    {
        var jpeg = Odd("progressive.jpg");
        byte[] thumbnail = [0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        byte[] withThumbnail = [.. jpeg[..2], .. thumbnail, .. jpeg[2..]];
        foreach (var turbo in new[] { true, false })
        {
            Assert.Equal(new ImageSize(49, 37), Decode(withThumbnail, turbo));
            Assert.Equal("it ends before the picture does (truncated)", Refused(withThumbnail[..^2], turbo).Reason);
        }
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("not an image at all", "it is not a JPEG, PNG, BMP or WebP file")]
    [InlineData("GIF89a................", "it is not a JPEG, PNG, BMP or WebP file")]
    [InlineData("BM", "its Bmp header is damaged")]
    [InlineData("RIFF....WEBPVP8 ", "its WebP header is damaged")]
    public void What_is_no_image_says_so(string content, string reason) =>
        Assert.Equal(reason, Refused(System.Text.Encoding.ASCII.GetBytes(content), turbo: true).Reason);

    [Theory]
    [InlineData("gray_16bit.png")]
    [InlineData("rgb_16bit.png")]
    public void Sixteen_bits_per_channel_are_refused_with_the_remedy(string name)
    {
        var error = Refused(Odd(name), turbo: true);
        Assert.Equal("it is a PNG with 16 bits per channel", error.Reason);
        Assert.Contains("Convert it to an 8-bit JPEG or PNG", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("baseline_420.jpg", true)]
    [InlineData("baseline_420.jpg", false)]
    [InlineData("rgba.png", true)]
    public void A_picture_over_the_bound_is_refused_before_it_takes_memory(string name, bool turbo)
    {
        using var decoder = new ImageDecoder(maxPixels: 49 * 37 - 1, turbo);
        Assert.Contains("49x37 pixels, more than the 1812", Assert.Throws<ImageException>(() => { decoder.Decode(Odd(name), "x"); }).Message, StringComparison.Ordinal);
        using var enough = new ImageDecoder(maxPixels: 49 * 37, turbo);
        Assert.Equal(37, enough.Decode(Odd(name), "x").Height);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_named_with_what_to_check()
    {
        using var decoder = new ImageDecoder();
        var missing = Assert.Throws<ImageException>(() => { decoder.Decode("/nowhere/cat.jpg"); });
        Assert.Equal("Image /nowhere/cat.jpg cannot be read: there is no such file. Check the list file and the root folder it starts from.", missing.Message);
        Assert.Equal(1, missing.ExitCode);
        var folder = Assert.Throws<ImageException>(() => { decoder.Decode(Path.GetTempPath()); });
        Assert.Contains("Check that this worker may read the file.", folder.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decoder_goes_on_after_an_error()
    {
        using var decoder = new ImageDecoder();
        var jpeg = Odd("baseline_420.jpg");
        Assert.Throws<ImageException>(() => { decoder.Decode(jpeg.AsSpan(0, 500), "cut"); });
        Picture.Read(Fixtures.Path("transforms", "odd", "baseline_420.jpg.expected.png")).AssertEquals(Picture.Copy(decoder.Decode(jpeg, "whole")), "after");
    }

    [Theory]
    [InlineData("baseline_420.jpg", true)]
    [InlineData("baseline_420.jpg", false)]
    [InlineData("progressive.jpg", true)]
    [InlineData("progressive.jpg", false)]
    [InlineData("cmyk.jpg", true)]
    [InlineData("palette_transparent.png", true)]
    [InlineData("interlaced.png", true)]
    [InlineData("rgb.bmp", true)]
    [InlineData("lossy.webp", true)]
    public void Flipped_bits_end_in_a_picture_or_in_an_image_error(string name, bool turbo)
    {
        using var decoder = new ImageDecoder(maxPixels: 1 << 18, turbo);
        var whole = Odd(name);
        var state = 12345u;
        var (pictures, errors) = (0, 0);
        for (var round = 0; round < 250; round++)
        {
            var damaged = (byte[])whole.Clone();
            // Every second round hits the headers, where the harm is greatest.
            for (var flips = 0; flips <= round % 4; flips++)
                damaged[Next(round % 2 == 0 ? Math.Min(700, whole.Length) : whole.Length)] ^= (byte)(1 << Next(8));
            try
            {
                var image = decoder.Decode(damaged, "damaged");
                Assert.Equal(3 * image.Width * image.Height, image.Pixels.Length);
                pictures++;
            }
            catch (ImageException)
            {
                errors++;
            }
        }
        Assert.Equal(250, pictures + errors);
        Assert.NotEqual(0, errors);

        int Next(int below)
        {
            state = state * 1664525 + 1013904223;
            return (int)((state >> 8) % (uint)below);
        }
    }

    private static byte[] Odd(string name) => File.ReadAllBytes(Fixtures.Path("transforms", "odd", name));

    private static ImageSize Decode(byte[] data, bool turbo)
    {
        using var decoder = new ImageDecoder(useTurboJpeg: turbo);
        return decoder.Decode(data, "the/file").Size;
    }

    private static ImageException Refused(byte[] data, bool turbo)
    {
        using var decoder = new ImageDecoder(useTurboJpeg: turbo);
        return Assert.Throws<ImageException>(() => { decoder.Decode(data, "the/file"); });
    }
}
