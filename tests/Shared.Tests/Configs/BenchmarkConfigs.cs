using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

/// <summary>Benchmark configs for tests: the shipped ones, with values replaced.</summary>
internal static class BenchmarkConfigs
{
    public const string Linear = "configs/samples/linear.yaml";
    public const string Finetune = "configs/samples/finetune.yaml";
    public const string ImageNet = "configs/benchmarks/classification/imagenet/r50_linear_sz224_4xb64_step_ep100.yaml";

    public static RunConfigRequest Request(string config, params string[] sets) => new()
    {
        Benchmark = config == Finetune ? "finetune" : "linear",
        Config = config,
        ProgramRoot = ConfigFolder.ProgramRoot,
        Sets = sets,
        Threads = 1,
        Device = "cpu",
    };

    public static RunConfig Of(string config, params string[] sets) => RunConfigBuilder.Build(Request(config, sets)).Config;

    /// <summary>What a config with replaced values is refused with, without the places.</summary>
    public static string[] Errors(RunConfigRequest request) =>
        [.. Assert.Throws<ConfigException>(() => RunConfigBuilder.Build(request)).Errors.Select(e => $"{e.Path}: {e.What}")];
}
