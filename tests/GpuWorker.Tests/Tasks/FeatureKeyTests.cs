using ClusterBench.Configs;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.Tests.Tasks;

public sealed class FeatureKeyTests
{
    private static readonly BackboneConfig Backbone = new() { Type = "ResNet", Depth = 18 };

    private static readonly RunConfig Config = new()
    {
        Benchmark = "features", Backbone = Backbone, BatchSize = 64, Pool = "gap", Features = ["feat5"],
        Data = Data("/data", new ResizeConfig(256, null, "bicubic"), new ToTensorConfig(), new NormalizeConfig([0.5], [0.25])),
        Threads = 1, Precision = "fp32", Reduction = "exact", Device = "cpu", Seed = 0, AllowPartial = false,
    };

    [Fact]
    public void The_key_is_a_digest_that_repeats() =>
        Assert.Equal(Key(Config), Assert.Single(new[] { Key(Config), Key(Config) }.Distinct(StringComparer.Ordinal), k => k.Length == 64));

    [Fact]
    public void Everything_that_bits_depend_on_changes_the_key_and_no_two_changes_give_the_same()
    {
        RunConfig[] configs =
        [
            Config,
            Config with { BatchSize = 32 }, Config with { Threads = 2 }, Config with { Precision = "bf16" }, Config with { Pool = "specified" },
            Config with { Backbone = Backbone with { Type = "ResNet_CIFAR" } }, Config with { Backbone = Backbone with { Depth = 34 } },
            Config with { Backbone = Backbone with { InChannels = 1 } }, Config with { Backbone = Backbone with { StemChannels = 32 } },
            Config with { Backbone = Backbone with { BaseChannels = 32 } }, Config with { Backbone = Backbone with { Style = "caffe" } },
            Pipeline(new ResizeConfig(255, null, "bicubic")), Pipeline(new ResizeConfig(256, 256, "bicubic")), Pipeline(new ResizeConfig(256, null, "bilinear")),
            Pipeline(new CenterCropConfig(224, 224)), Pipeline(new CenterCropConfig(224, 223)), Pipeline(new PadConfig(1, 2, 3, 4, 0)), Pipeline(new PadConfig(1, 2, 3, 4, 5)),
            Pipeline(new NormalizeConfig([0.5], [0.5])), Pipeline(new NormalizeConfig([0.25], [0.5])), Pipeline(new NormalizeConfig([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])),
            Pipeline(new NormalizeConfig([0.5], [0.5]), new ToTensorConfig()), Pipeline(new ToTensorConfig(), new NormalizeConfig([0.5], [0.5])),
            Config with { Data = Data("/other", [.. Config.Data["val"].Pipeline]) },
        ];
        string[] keys =
        [
            .. configs.Select(Key), FeatureKey.Of(Config, "val", "feat4", "w", "l", "p"), FeatureKey.Of(Config, "val", "feat5", "w2", "l", "p"),
            FeatureKey.Of(Config, "val", "feat5", "w", "l2", "p"), FeatureKey.Of(Config, "val", "feat5", "w", "l", "p2"),
        ];
        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void What_no_bit_depends_on_leaves_the_key_as_it_is()
    {
        RunConfig[] same =
        [
            Config with { Benchmark = "knn", Knn = new KnnConfig { K = [20], Temperature = 0.07 } }, Config with { Seed = 7 }, Config with { AllowPartial = true },
            Config with { Features = ["feat1", "feat5"] }, Config with { Reduction = "fast" }, Config with { Data = Data("/data/x/..", [.. Config.Data["val"].Pipeline]) },
        ];
        Assert.All(same, config => Assert.Equal(Key(Config), Key(config)));
    }

    private static string Key(RunConfig config) => FeatureKey.Of(config, "val", "feat5", "w", "l", "p");

    private static RunConfig Pipeline(params TransformConfig[] steps) => Config with { Data = Data("/data", steps) };

    private static Dictionary<string, DatasetConfig> Data(string root, params TransformConfig[] steps) => new(StringComparer.Ordinal)
    {
        ["val"] = new() { Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/l", Root = root }, Pipeline = steps },
    };
}
