using ClusterBench.GpuWorker.Images;
using SkiaSharp;

namespace ClusterBench.Tests.Data;

/// <summary>A temporary folder of PNG files of noise, each of its own seed.</summary>
internal sealed class ImageFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("clusterbench-images-").FullName;

    public List<string> Files { get; } = [];

    public static ImageFolder Of(int count, int width = 24, int height = 20)
    {
        var folder = new ImageFolder();
        for (var i = 0; i < count; i++) folder.Add(width, height);
        return folder;
    }

    public string Add(int width, int height)
    {
        var pixels = new byte[4 * width * height];
        var seed = (uint)Files.Count + 1;
        for (var i = 0; i < pixels.Length; i++)
        {
            seed = seed * 1664525 + 1013904223;
            pixels[i] = (byte)(seed >> 24);
        }
        using var image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque), pixels);
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return AddBytes(data.ToArray());
    }

    public string AddBytes(byte[] content)
    {
        var file = Path.Combine(_path, $"{Files.Count:000}.png");
        File.WriteAllBytes(file, content);
        Files.Add(file);
        return file;
    }

    /// <summary>The floats of the images one after the other, decoded and transformed here.</summary>
    public float[] Expected(ImagePipeline pipeline, int start, int end)
    {
        using var decoder = new ImageDecoder();
        var all = new List<float>();
        foreach (var file in Files[start..end])
        {
            var image = decoder.Decode(file);
            var chw = new float[3 * pipeline.OutputSize(image.Width, image.Height).Pixels];
            pipeline.Run(image, chw);
            all.AddRange(chw);
        }
        return [.. all];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
