using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Images;

/// <summary>Every case of tests/fixtures/transforms against what Pillow and torchvision made of it.</summary>
public sealed class TransformParityTests
{
    private static readonly JsonDocument Index = JsonDocument.Parse(File.ReadAllText(Fixtures.Path("transforms", "index.json")));

    public static TheoryData<string> Group(string group) =>
        [.. Index.RootElement.GetProperty("cases").EnumerateArray()
            .Where(c => c.GetProperty("group").GetString() == group).Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Group), "resize")]
    public void Resized_pixels_equal_Pillow_s(string name)
    {
        var (c, source) = Case(name);
        var p = c.GetProperty("params");
        if (p.TryGetProperty("crop", out var part))
        {
            var x = part[0].GetInt32();
            var y = part[1].GetInt32();
            var center = Pipelines.RunOnPixels(source, new ResizeConfig(256, null, "bicubic"), new CenterCropConfig(224, 224));
            Expected(c).AssertEquals(Cut(center, new Rect(x, y, part[2].GetInt32() - x, part[3].GetInt32() - y)), name);
            return;
        }
        var (height, width) = Size(p);
        var resize = new ResizeConfig(height, width, p.GetProperty("interpolation").GetString()!);
        Expected(c).AssertEquals(Pipelines.RunOnPixels(source, resize), name);
    }

    [Theory]
    [MemberData(nameof(Group), "crop")]
    public void Cropped_pixels_equal_torchvision_s(string name)
    {
        var (c, source) = Case(name);
        var p = c.GetProperty("params");
        int Int(string key) => p.GetProperty(key).GetInt32();
        var result = p.GetProperty("op").GetString() switch
        {
            "CenterCrop" => Pipelines.RunOnPixels(source, Size(p) is var (h, w) ? new CenterCropConfig(h, w ?? h) : null!),
            "crop then resize" => ResizedCrop(source, new Rect(Int("left"), Int("top"), Int("width"), Int("height")), p),
            "pad 4 (zeros), crop 32x32" =>
                Cut(Pipelines.RunOnPixels(source, new PadConfig(4, 4, 4, 4, 0)), new Rect(Int("left"), Int("top"), 32, 32)),
            var op => throw new NotSupportedException(op),
        };
        Expected(c).AssertEquals(result, name);
    }

    [Theory]
    [MemberData(nameof(Group), "tensor")]
    public void Normalized_floats_equal_torchvision_s(string name)
    {
        var (c, source) = Case(name);
        var p = c.GetProperty("params");
        var pipeline = ImagePipeline.Compile(
            [new CenterCropConfig(32, 32), new ToTensorConfig(), new NormalizeConfig(Doubles(p, "mean"), Doubles(p, "std"))]);

        var expected = ReadNpy(Fixtures.Path("transforms", c.GetProperty("file").GetString()!));
        var actual = Pipelines.Run(pipeline, source);

        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(0, expected.Zip(actual).Max(v => Math.Abs(v.First - v.Second)), 1e-6);
    }

    [Fact]
    public void No_group_is_empty() =>
        Assert.Equal([19, 12, 2], new[] { "resize", "crop", "tensor" }.Select(g => Group(g).Count));

    private static (JsonElement Case, Picture Source) Case(string name)
    {
        var c = Index.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var source = Index.RootElement.GetProperty("images").GetProperty(c.GetProperty("source").GetString()!).GetProperty("decoded");
        return (c, Picture.Read(Fixtures.Path("transforms", source.GetString()!)));
    }

    private static Picture Expected(JsonElement c) => Picture.Read(Fixtures.Path("transforms", c.GetProperty("file").GetString()!));

    private static (int Height, int? Width) Size(JsonElement p) => p.GetProperty("size") is { ValueKind: JsonValueKind.Array } size
        ? (size[0].GetInt32(), size[1].GetInt32())
        : (p.GetProperty("size").GetInt32(), null);

    private static Picture ResizedCrop(Picture source, Rect box, JsonElement p)
    {
        var (height, width) = Size(p);
        var size = new ImageSize(width!.Value, height);
        var filter = p.GetProperty("interpolation").GetString() == "bicubic" ? ResampleFilter.Bicubic : ResampleFilter.Bilinear;
        var pixels = new byte[3 * size.Pixels];
        Resampler.Resize(source.View, box, size, Rect.Whole(size), filter, pixels);
        return new Picture(size.Width, size.Height, pixels);
    }

    private static Picture Cut(Picture source, Rect window)
    {
        var pixels = new byte[3 * window.Size.Pixels];
        Windows.Copy(source.View, window, fill: 77, pixels);
        return new Picture(window.Width, window.Height, pixels);
    }

    private static double[] Doubles(JsonElement p, string key) => [.. p.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];

    private static float[] ReadNpy(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        Assert.Contains("'<f4', 'fortran_order': False", System.Text.Encoding.ASCII.GetString(bytes, 10, header - 10), StringComparison.Ordinal);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(header)).ToArray();
    }
}
