using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Models;

/// <summary>Networks of the original Python code: their state dicts, and what they compute from weights filled by formula.</summary>
internal static class ModelFixture
{
    private static readonly JsonDocument Document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("models", "models.json")));

    public static JsonElement Model(string name) => Document.RootElement.GetProperty("models").GetProperty(name);

    public static JsonElement Training(string name) => Document.RootElement.GetProperty("train").GetProperty(name);

    public static BackboneConfig Config(JsonElement entry)
    {
        var config = entry.GetProperty("config");
        return new BackboneConfig
        {
            Type = config.GetProperty("type").GetString()!,
            Depth = config.GetProperty("depth").GetInt32(),
            Style = config.GetProperty("style").GetString()!,
            InChannels = config.TryGetProperty("in_channels", out var channels) ? channels.GetInt32() : 3,
        };
    }

    /// <summary>Weights filled by formula; <paramref name="prefix"/> comes before each name.</summary>
    public static ModelWeights Filled(BackboneConfig config, string prefix = "")
    {
        var weights = ModelWeights.For(config);
        foreach (var entry in weights.Layout.Entries)
            if (entry.Role != TensorRole.Counter)
                Formula.FillTensor(weights.Floats(entry), prefix + entry.Name, entry.Shape);
        return weights;
    }

    public static Tensor Input(JsonElement entry)
    {
        var input = entry.GetProperty("input");
        long[] shape = [.. input.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        using var planes = empty(shape, ScalarType.Float32);
        Formula.Fill(planes.Floats(), input.GetProperty("key").GetString()!, input.GetProperty("scale").GetDouble());
        return planes.ChannelsLast();
    }

    public static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    /// <summary>The values in row-major order whatever the layout.</summary>
    public static float[] Values(Tensor tensor)
    {
        using var contiguous = tensor.contiguous();
        return contiguous.Floats().ToArray();
    }

    /// <summary>Largest difference over <paramref name="scale"/>, or over the largest expected value.</summary>
    public static double Relative(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double? scale = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, largest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)actual[i] - expected[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }
        return difference / (scale ?? largest);
    }
}
