using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class RunConfigBuilderTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static RunConfigRequest Sample(params string[] sets) => new()
    {
        Benchmark = "knn",
        Config = "configs/samples/selfsup.yaml",
        ProgramRoot = ConfigFolder.ProgramRoot,
        Sets = sets,
        Threads = 1,
        Device = "cpu",
    };

    [Fact]
    public void The_sample_configs_become_the_protocol_of_the_reference_numbers()
    {
        var built = RunConfigBuilder.Build(Sample());
        var config = built.Config;
        Assert.Empty(built.Notes);
        Assert.Equal(new BackboneConfig { Type = "ResNet_CIFAR", Depth = 18, InChannels = 3, StemChannels = 16, BaseChannels = 16, Style = "pytorch" }, config.Backbone);
        Assert.Equal(["train", "val"], config.Data.Keys.Order());
        foreach (var (split, data) in config.Data)
        {
            Assert.Equal(Path.Combine(ConfigFolder.ProgramRoot, "samples", "fashion", "meta", $"{split}.txt"), data.Source.ListFile);
            Assert.Equal(Path.Combine(ConfigFolder.ProgramRoot, "samples", "fashion"), data.Source.Root);
            Assert.Equal([new PadConfig(2, 2, 2, 2, 0), new ToTensorConfig()], data.Pipeline.Take(2));
            var normalize = Assert.IsType<NormalizeConfig>(data.Pipeline[2]);
            Assert.Equal([0.5, 0.5, 0.5], normalize.Mean);
            Assert.Equal([0.5, 0.5, 0.5], normalize.Std);
            Assert.Equal(3, data.Pipeline.Count);
        }
        Assert.Equal(64, config.BatchSize);
        Assert.Equal([10, 20, 100, 200], config.Knn!.K);
        Assert.Equal(0.07, config.Knn.Temperature);
        Assert.Equal(["feat5"], config.Features);
        Assert.Equal(("gap", "fp32", "exact", "cpu", 0, false), (config.Pool, config.Precision, config.Reduction, config.Device, config.Seed, config.AllowPartial));
    }

    [Fact]
    public void Options_win_over_sets_and_sets_over_configs()
    {
        var config = RunConfigBuilder.Build(Sample("knn.k=[3]", "knn.temperature=0.5", "model.backbone.depth=50", "data.val.pipeline.0.padding=4", "reduction=fast") with
        {
            K = [7, 5],
            Features = ["feat3"],
            Threads = 2,
            Seed = 9,
            AllowPartial = true,
        }).Config;
        Assert.Equal([7, 5], config.Knn!.K);
        Assert.Equal(0.5, config.Knn.Temperature);
        Assert.Equal(50, config.Backbone.Depth);
        Assert.Equal(new PadConfig(4, 4, 4, 4, 0), config.Data["val"].Pipeline[0]);
        Assert.Equal(new PadConfig(2, 2, 2, 2, 0), config.Data["train"].Pipeline[0]);
        Assert.Equal(["feat3"], config.Features);
        Assert.Equal((2, 9, true, "fast"), (config.Threads, config.Seed, config.AllowPartial, config.Reduction));
        Assert.Equal("exact", RunConfigBuilder.Build(Sample("reduction=fast") with { Reduction = "exact" }).Config.Reduction);
    }

    [Fact]
    public void Cuda_reduces_fast_unless_told_otherwise()
    {
        Assert.Equal("fast", RunConfigBuilder.Build(Sample() with { Device = "cuda" }).Config.Reduction);
        Assert.Equal("exact", RunConfigBuilder.Build(Sample("reduction=exact") with { Device = "cuda" }).Config.Reduction);
    }

    [Fact]
    public void The_dataset_config_is_the_options_else_the_downstream_entry_else_ImageNets()
    {
        var other = _folder.Write("other.yaml", ConfigFolder.Dataset);
        Assert.Equal(other, RunConfigBuilder.Build(Sample() with { DatasetConfig = other }).DatasetPath);
        Assert.Equal(Path.Combine(ConfigFolder.ProgramRoot, "configs/samples/knn.yaml"), Path.GetFullPath(RunConfigBuilder.Build(Sample()).DatasetPath!));

        var plain = Sample() with { Config = _folder.Write("plain.yaml", ConfigFolder.Selfsup) };
        var imagenet = RunConfigBuilder.Build(plain);
        Assert.Equal(Path.Combine(ConfigFolder.ProgramRoot, "configs/benchmarks/classification/knn_imagenet.yaml"), Path.GetFullPath(imagenet.DatasetPath!));
        Assert.Equal(new ResizeConfig(256, null, "bilinear"), imagenet.Config.Data["val"].Pipeline[0]);
        Assert.Equal(new CenterCropConfig(224, 224), imagenet.Config.Data["val"].Pipeline[1]);
        Assert.Equal(256, imagenet.Config.BatchSize);
    }

    [Fact]
    public void A_missing_dataset_config_is_reported_where_it_was_named()
    {
        var lines = _folder.Errors(() => RunConfigBuilder.Build(Sample() with
        {
            Config = _folder.Write("plain.yaml", ConfigFolder.Selfsup + "\ndownstream:\n  knn: nowhere.yaml"),
            ProgramRoot = _folder.Root,
        }));
        Assert.Equal("plain.yaml:6:8  downstream.knn: there is no file 'nowhere.yaml' (nor 'nowhere.yaml')", lines[0]);
        Assert.Equal("--dataset-config  there is no file 'gone.yaml'",
            _folder.Error(() => RunConfigBuilder.Build(Sample() with { DatasetConfig = _folder.At("gone.yaml") })));
    }

    [Fact]
    public void A_data_root_takes_the_place_of_the_leading_data_folder()
    {
        var request = Sample() with { Config = _folder.Write("plain.yaml", ConfigFolder.Selfsup), DataRoot = "/mnt/sets" };
        var built = RunConfigBuilder.Build(request);
        Assert.Empty(built.Notes);
        Assert.Equal("/mnt/sets/meta/ImageNet/train_labeled_full.txt", built.Config.Data["train"].Source.ListFile);
        Assert.Equal("/mnt/sets/ImageNet/val", built.Config.Data["val"].Source.Root);

        var note = Assert.Single(RunConfigBuilder.Build(Sample() with { DataRoot = "/mnt/sets" }).Notes);
        Assert.StartsWith("--data-root /mnt/sets changes nothing", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_takes_the_splits_and_features_that_were_asked_for()
    {
        var config = RunConfigBuilder.Build(Sample() with { Benchmark = "features", Splits = ["val"], Features = ["feat1", "feat5"] }).Config;
        Assert.Equal(["val"], config.Data.Keys);
        Assert.Equal(["feat1", "feat5"], config.Features);
        Assert.Null(config.Knn);
    }

    [Fact]
    public void Wrong_options_are_errors_that_name_the_option()
    {
        var lines = _folder.Errors(() => RunConfigBuilder.Build(Sample() with
        {
            Benchmark = "features", Splits = ["test"], Features = ["feat5", "layer4"], Device = "gpu", Seed = -1, Precision = "fp64", Reduction = "slow",
        }));
        Assert.Equal(
            [
                "--split  unknown split 'test'; known: train, val",
                "--device  unknown value 'gpu'; did you mean 'cpu'?",
                "--seed  must be at least 0, is -1",
                "--features  ResNet_CIFAR has no feature 'layer4'; valid: feat1, feat2, feat3, feat4, feat5",
                "--precision  unknown value 'fp64'; known: fp32",
                "--reduction  unknown value 'slow'; known: exact, fast",
                "6 errors in the config; nothing was started.",
            ],
            lines);
        Assert.Equal("--split  belongs to features; knn needs train and val", _folder.Error(() => RunConfigBuilder.Build(Sample() with { Splits = ["val"] })));
    }

    [Fact]
    public void A_pipeline_without_Normalize_and_the_work_dir_are_passed_on()
    {
        var built = RunConfigBuilder.Build(_folder.Request(
            ConfigFolder.Selfsup + "\nwork_dir: work_dirs/mine", ConfigFolder.Dataset, "data.val.pipeline=[{type: ToTensor}]"));
        Assert.Equal("work_dirs/mine", built.WorkDir);
        Assert.Equal("dataset.yaml: data.val.pipeline has no Normalize; the network sees pixels from 0 to 1",
            Assert.Single(built.Notes).Replace(_folder.Root + "/", "", StringComparison.Ordinal));
    }
}
