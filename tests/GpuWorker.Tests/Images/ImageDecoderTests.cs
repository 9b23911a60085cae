using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

public sealed class ImageDecoderTests
{
    public static TheoryData<string, bool> OddFiles() => new(
        from file in Directory.GetFiles(Fixtures.Path("transforms", "odd"), "*.expected.png")
        from turbo in new[] { true, false }
        select (Path.GetFileName(file)[..^".expected.png".Length], turbo));

    public static TheoryData<string, bool> Photos() => new(
        from name in new[] { "photo_a", "photo_b", "photo_gray", "photo_cmyk" }
        from turbo in new[] { true, false }
        select (name, turbo));

    [Theory]
    [MemberData(nameof(Photos))]
    public void A_photo_has_Pillow_s_pixels(string name, bool turbo)
    {
        var jpeg = Picture.Read(Fixtures.Path("transforms", name + ".jpg"), turbo);
        Picture.Read(Fixtures.Path("transforms", name + ".png")).AssertEquals(jpeg, name);
    }

    [Theory]
    [MemberData(nameof(OddFiles))]
    public void An_unusual_file_has_Pillow_s_pixels(string name, bool turbo)
    {
        var file = Fixtures.Path("transforms", "odd", name);
        Picture.Read(file + ".expected.png").AssertEquals(Picture.Read(file, turbo), name);
    }

    [Fact]
    public void The_fast_JPEG_decoder_is_the_one_that_is_tested() =>
        Assert.Null(ImageDecoder.SlowJpegNote);
}
