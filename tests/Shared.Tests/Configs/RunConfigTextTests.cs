using ClusterBench.Configs;
using CsCheck;

namespace ClusterBench.Tests.Configs;

public sealed class RunConfigTextTests
{
    private static readonly RunConfig Sample = new()
    {
        Benchmark = "knn",
        Backbone = new BackboneConfig { Type = "ResNet_CIFAR", Depth = 18, StemChannels = 16, BaseChannels = 16 },
        Data = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal)
        {
            ["val"] = new()
            {
                Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/d/val list.txt", Root = "/d/\"v\"\\ü\n" },
                Pipeline = [new PadConfig(1, 2, 3, 4, 5), new ResizeConfig(256, null, "bicubic"), new ResizeConfig(8, 9, "bilinear"), new CenterCropConfig(3, 4), new ToTensorConfig()],
            },
            ["train"] = new()
            {
                Source = new DataSourceConfig { Type = "ImageList", ListFile = "/d/train.txt", Root = "/d" },
                Pipeline = [new ToTensorConfig(), new NormalizeConfig([0.485, 0, 1], [0.229, 1, 1e-5])],
            },
        },
        BatchSize = 64,
        Pool = "gap",
        Features = ["feat5"],
        Knn = new KnnConfig { K = [10, 200], Temperature = 0.07 },
        Threads = 2,
        Precision = "fp32",
        Reduction = "exact",
        Device = "cpu",
        Seed = 3,
        AllowPartial = false,
    };

    private const string Canonical = """"
        # A run's resolved configuration. The run's hash covers this text: another text is another run.
        benchmark: knn
        model:
          backbone:
            type: ResNet_CIFAR
            depth: 18
            in_channels: 3
            stem_channels: 16
            base_channels: 16
            style: pytorch
        data:
          imgs_per_gpu: 64
          train:
            data_source:
              type: ImageList
              list_file: "/d/train.txt"
              root: "/d"
            pipeline:
            - {type: ToTensor}
            - {type: Normalize, mean: [0.485, 0.0, 1.0], std: [0.229, 1.0, 1e-05]}
          val:
            data_source:
              type: ImageNet
              list_file: "/d/val list.txt"
              root: "/d/\"v\"\\ü\n"
            pipeline:
            - {type: Pad, padding: [1, 2, 3, 4], fill: 5}
            - {type: Resize, size: 256, interpolation: bicubic}
            - {type: Resize, size: [8, 9], interpolation: bilinear}
            - {type: CenterCrop, size: [3, 4]}
            - {type: ToTensor}
        pool: gap
        features: [feat5]
        knn:
          k: [10, 200]
          temperature: 0.07
        threads: 2
        precision: fp32
        reduction: exact
        device: cpu
        seed: 3
        allow_partial: false

        """";

    [Fact]
    public void The_text_is_fixed_since_hashes_of_finished_runs_depend_on_it() => Assert.Equal(Canonical, RunConfigText.Write(Sample));

    [Fact]
    public void A_text_reads_back_as_the_same_config()
    {
        var back = RunConfigText.Parse(RunConfigText.Write(Sample));
        Assert.Equivalent(Sample, back, strict: true);
        Assert.Equal(RunConfigText.Write(Sample), RunConfigText.Write(back));
    }

    [Fact]
    public void Any_path_and_any_number_survives_the_round_trip()
    {
        var paths = Gen.String[Gen.Char['\u0001', '\u3000'], 1, 30];
        var random = new PCG(1, 20261124);
        for (var i = 0; i < 300; i++)
        {
            var path = paths.Generate(random, null, out _);
            var config = Sample with
            {
                Data = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal) { ["val"] = Sample.Data["val"] with { Source = new DataSourceConfig { Type = "ImageNet", ListFile = path, Root = path } } },
                Knn = new KnnConfig { K = [Gen.Int[1, int.MaxValue].Generate(random, null, out _)], Temperature = Gen.Double[1e-300, 1e300].Generate(random, null, out _) },
            };
            Assert.Equivalent(config, RunConfigText.Parse(RunConfigText.Write(config)), strict: true);
        }
    }

    [Theory]
    [InlineData("seed: 3\n", "", "config.yaml:2:1  seed: is missing")]
    [InlineData("pool: gap\n", "", "config.yaml:2:1  pool: is missing")]
    [InlineData("  temperature: 0.07\n", "", "config.yaml:2:1  knn.temperature: is missing")]
    [InlineData("threads: 2", "threads: two", "config.yaml:37:10  threads: must be a whole number, is the text 'two'")]
    [InlineData("[feat5]", "[feat9]", "config.yaml:33:11  features: ResNet_CIFAR has no feature 'feat9'; valid: feat1, feat2, feat3, feat4, feat5")]
    [InlineData("seed: 3", "seed: 3\nseeed: 4", "config.yaml:42:1  seeed: unknown key; none may stand here beside those given")]
    public void A_damaged_text_is_refused(string old, string changed, string error)
    {
        Assert.Contains(old, Canonical, StringComparison.Ordinal);
        var thrown = Assert.Throws<ConfigException>(() => RunConfigText.Parse(Canonical.Replace(old, changed, StringComparison.Ordinal)));
        Assert.Equal(error, thrown.Errors[0].ToString());
    }
}
