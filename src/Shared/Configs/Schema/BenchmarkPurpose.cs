namespace ClusterBench.Configs;

/// <summary>What a benchmark config is read for: the same file can be right for one benchmark and wrong for another.</summary>
/// <param name="Benchmark"><c>linear</c> or <c>finetune</c>.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda</c>; null where nothing is going to run (<c>config show</c>).</param>
/// <param name="FromScratch">No checkpoint is loaded.</param>
internal sealed record BenchmarkPurpose(string Benchmark, string? Device, bool FromScratch)
{
    /// <summary>Benchmarks that train on <c>data.train</c>.</summary>
    public static readonly IReadOnlyList<string> Benchmarks = ["linear", "finetune"];

    /// <summary>Whether a benchmark reads a benchmark config and trains.</summary>
    public static bool Trains(string? benchmark) => Benchmarks.Contains(benchmark, StringComparer.Ordinal);

    /// <summary>The benchmark that a config is made for: one that freezes its backbone is a linear evaluation.</summary>
    public static BenchmarkPurpose Fitting(ConfigMap tree) => new(
        tree.Find("model")?.Value is ConfigMap model && model.Find("backbone")?.Value is ConfigMap backbone
            && backbone.Find("frozen_stages")?.Value is ConfigScalar { Value: 4L } ? "linear" : "finetune", null, FromScratch: false);

    /// <summary>Linear evaluation: the backbone computes and does not change.</summary>
    public bool Frozen => Benchmark == "linear";
}
