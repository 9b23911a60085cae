using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClusterBench.Arrays;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.Tests.Numerics;
using SkiaSharp;

namespace ClusterBench.Tests.Features;

/// <summary>The sample data: checkpoints, images, and what PyTorch makes of them.</summary>
internal static class Samples
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", "..", "samples"));

    public static readonly BackboneConfig Config = new() { Type = "ResNet_CIFAR", Depth = 18, StemChannels = 16, BaseChannels = 16 };

    /// <summary>The backbone's tensors of a sample checkpoint, read by a table of where they lie in the file.</summary>
    public static List<StoredTensor> Tensors(string name)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("features", "checkpoints.json")));
        var entry = index.RootElement.GetProperty(name);
        using var zip = ZipFile.OpenRead(Path.Combine(Folder, entry.GetProperty("file").GetString()!));
        return [.. entry.GetProperty("tensors").EnumerateArray().Select(tensor => Read(zip, tensor))];
    }

    public static ModelWeights Weights(string name)
    {
        var weights = ModelWeights.For(Config);
        Assert.True(WeightLoader.Load(weights, Tensors(name), name, allowPartial: false).IsComplete);
        return weights;
    }

    /// <summary>Rows of features that PyTorch computed, and their width.</summary>
    public static (float[] Values, int Width) Features(string name, string file)
    {
        var (values, shape) = Npy.Floats(Fixtures.Path("features", name, file + ".npy"));
        return (values, shape[1]);
    }

    public static int[] Labels(string list) =>
        [.. File.ReadLines(Path.Combine(Folder, "fashion", "meta", list)).Select(line => int.Parse(line.Split(' ')[1], null))];

    /// <summary>The first images of val.txt, preprocessed: padded from 28 to 32 with zeros, gray to three channels, (x / 255 - 0.5) / 0.5.</summary>
    public static float[] Images(int count)
    {
        var result = new float[count * 3 * 32 * 32];
        Array.Fill(result, -1);
        var files = File.ReadLines(Path.Combine(Folder, "fashion", "meta", "val.txt")).Take(count).Select(line => line.Split(' ')[0]);
        foreach (var (number, file) in files.Index())
        {
            using var bitmap = SKBitmap.Decode(Path.Combine(Folder, "fashion", file));
            for (var channel = 0; channel < 3; channel++)
                for (var y = 0; y < 28; y++)
                    for (var x = 0; x < 28; x++)
                        result[((number * 3 + channel) * 32 + y + 2) * 32 + x + 2] = (bitmap.GetPixel(x, y).Red / 255f - 0.5f) / 0.5f;
        }
        return result;
    }

    private static StoredTensor Read(ZipArchive zip, JsonElement tensor)
    {
        using var stream = zip.GetEntry(tensor[2].GetString()!)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var isFloat = tensor[1].GetString() == "FloatStorage";
        long[] shape = [.. tensor[4].EnumerateArray().Select(size => size.GetInt64())];
        var count = (int)shape.Aggregate(1L, (product, size) => product * size);
        var offset = tensor[3].GetInt32();
        return isFloat
            ? new StoredTensor(tensor[0].GetString()!, "float32", shape, MemoryMarshal.Cast<byte, float>(memory.ToArray()).Slice(offset, count).ToArray(), [])
            : new StoredTensor(tensor[0].GetString()!, "int64", shape, [], MemoryMarshal.Cast<byte, long>(memory.ToArray()).Slice(offset, count).ToArray());
    }
}

/// <summary>A tensor in memory.</summary>
internal sealed record StoredTensor(string Name, string DType, IReadOnlyList<long> Shape, float[] Floats, long[] Longs) : INamedTensor
{
    public void CopyToFloat32(Span<float> destination) => Floats.CopyTo(destination);

    public void CopyToInt64(Span<long> destination) => Longs.CopyTo(destination);
}
