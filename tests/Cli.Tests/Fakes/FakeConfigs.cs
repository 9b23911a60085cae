using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.Cli.Parts;
using ClusterBench.Configs;

namespace ClusterBench.Tests.Fakes;

/// <summary>Configs whose text is a few lines, enough for the rules of folders and hashes.</summary>
internal sealed class FakeConfigs(string folder) : IConfigs
{
    public ConfigRequest? LastRequest { get; private set; }

    public string? WorkDir { get; set; }

    /// <summary>What a training run trains.</summary>
    public TrainingConfig Training { get; set; } = new()
    {
        VirtualRanks = 4, ImagesPerRank = 2, Epochs = 20, FrozenBackbone = true, Head = new HeadConfig { Feature = "feat5", Classes = 10 },
        Optimizer = new OptimizerConfig { LearningRate = 1, Momentum = 0.9 }, Schedule = new ScheduleConfig { Policy = "Step", Steps = [12, 16] },
    };

    public ResolvedConfig Resolve(ConfigRequest request)
    {
        LastRequest = request;
        var config = new RunConfig
        {
            Benchmark = request.Benchmark,
            Backbone = new BackboneConfig { Type = "ResNet_CIFAR", Depth = 18, StemChannels = 16, BaseChannels = 16 },
            Data = (request.Splits ?? ["train", "val"]).ToDictionary(split => split, split => new DatasetConfig
            {
                Source = new DataSourceConfig { Type = "ImageNet", ListFile = Path.Combine(folder, "meta", split + ".txt"), Root = Path.Combine(folder, "images") },
                Pipeline = [new CenterCropConfig(32, 32), new ToTensorConfig()],
            }, StringComparer.Ordinal),
            BatchSize = 8,
            Pool = "gap",
            Features = request.Features ?? ["feat5"],
            Knn = request.Benchmark == "knn" ? new KnnConfig { K = request.K ?? [10, 20], Temperature = request.Temperature ?? 0.07 } : null,
            Training = request.Benchmark is "linear" or "finetune" ? Training with { FrozenBackbone = request.Benchmark == "linear" } : null,
            Threads = request.Threads ?? Environment.ProcessorCount,
            Precision = "fp32",
            Reduction = "exact",
            Device = request.Device,
            Seed = request.Seed,
            AllowPartial = request.AllowPartial,
        };
        string text = string.Create(CultureInfo.InvariantCulture,
            $"benchmark: {config.Benchmark}\nknn:\n  k: [{string.Join(", ", config.Knn?.K ?? [])}]\n  temperature: {config.Knn?.Temperature}\nthreads: {config.Threads}\nseed: {config.Seed}\nfeatures: [{string.Join(", ", config.Features)}]\n");
        return new ResolvedConfig(config, text, WorkDir, ["a note"], [Path.Combine(folder, request.Config)]);
    }

    public RunConfig Parse(string text) => Resolve(LastRequest ?? new ConfigRequest { Benchmark = "knn", Config = "configs/selfsup.yaml", ProgramRoot = folder, Threads = 1, Device = "cpu" }).Config;

    public string Hash(string configText, string checkpointSha256, IReadOnlyDictionary<string, string> listSha256, int seed) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{configText}|{checkpointSha256}|{string.Join(",", listSha256.OrderBy(pair => pair.Key, StringComparer.Ordinal))}|{seed}")));

    public ShownText Show(string config, string programRoot, IReadOnlyList<string> set, string format, bool raw) =>
        new($"{config} {format} {raw} {string.Join(";", set)}", []);

    public IReadOnlyList<string> ReadList(string path) => [.. File.ReadLines(path).Select(line => line[..line.LastIndexOf(' ')])];
}
