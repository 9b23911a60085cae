using System.Text.Json;
using ClusterBench.Arrays;

namespace ClusterBench.Tests.Numbers;

/// <summary>What PyTorch got on the samples (docs: tests/fixtures/knn and tests/fixtures/features).</summary>
internal static class PyTorch
{
    public static readonly int[] Ks = [10, 20, 100, 200];

    private static readonly JsonElement Accuracies = JsonDocument.Parse(File.ReadAllText(Fixtures.Path("knn", "samples.json"))).RootElement;

    /// <summary>The metrics of the kNN run on a checkpoint, under our names.</summary>
    /// <param name="checkpoint"><c>simclr</c> or <c>random</c>.</param>
    public static IReadOnlyDictionary<string, double> Metrics(string checkpoint)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (int k in Ks)
        {
            JsonElement expected = Accuracies.GetProperty(checkpoint).GetProperty($"k{k}");
            metrics[$"top1@k={k}"] = expected.GetProperty("top1").GetDouble();
            metrics[$"top5@k={k}"] = expected.GetProperty("top5_stable").GetDouble();
        }

        return metrics;
    }

    /// <summary>The class that it predicted for each validation image.</summary>
    public static long[] Predictions(string checkpoint, int k) => Read<long>(Fixtures.Path("features", checkpoint, $"knn_pred_k{k}.npy")).Values;

    /// <summary>Features of images in list order.</summary>
    /// <param name="rows"><c>val64</c>: the first 64 validation images; <c>val</c>, <c>train</c>: all, feat5 only.</param>
    public static (long[] Shape, float[] Values) Features(string checkpoint, string rows, string feature) =>
        Read<float>(Fixtures.Path("features", checkpoint, $"{rows}_{feature}.npy"));

    public static (long[] Shape, T[] Values) Read<T>(string path)
        where T : unmanaged
    {
        using var array = NpyArray.Open(path);
        return ([.. array.Shape], array.Elements<T>(0, checked((int)array.Count)).ToArray());
    }
}
