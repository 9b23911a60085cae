using ClusterBench.Configs;
using static ClusterBench.Tests.Configs.BenchmarkConfigs;

namespace ClusterBench.Tests.Configs;

public sealed class TrainingConfigBuilderTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_linear_sample_is_the_protocol_of_the_reference_numbers_on_4_virtual_ranks()
    {
        var built = RunConfigBuilder.Build(Request(Linear));
        var config = built.Config;
        Assert.Empty(built.Notes);
        Assert.Equal(new BackboneConfig { Type = "ResNet_CIFAR", Depth = 18, StemChannels = 16, BaseChannels = 16 }, config.Backbone);
        var training = config.Training!;
        Assert.Equal((4, 16, false, 20, true), (training.VirtualRanks, training.ImagesPerRank, training.DropLast, training.Epochs, training.FrozenBackbone));
        Assert.Equal(new HeadConfig { Feature = "feat5", Classes = 10, InitStd = 0.01, LabelSmoothing = 0 }, training.Head);
        Assert.Equal((1.0, 0.9, 0.0, false, 0.0), (training.Optimizer.LearningRate, training.Optimizer.Momentum, training.Optimizer.WeightDecay, training.Optimizer.Nesterov, training.Optimizer.Dampening));
        Assert.Empty(training.Optimizer.Paramwise);
        Assert.Equal(("Step", true, 0.1), (training.Schedule.Policy, training.Schedule.ByEpoch, training.Schedule.Gamma));
        Assert.Equal([12, 16], training.Schedule.Steps);
        Assert.Null(training.Schedule.Warmup);
        foreach (var (split, data) in config.Data)
        {
            Assert.Equal(Path.Combine(ConfigFolder.ProgramRoot, "samples", "fashion", "meta", $"{split}.txt"), data.Source.ListFile);
            Assert.Equal([new PadConfig(2, 2, 2, 2, 0), new ToTensorConfig()], data.Pipeline.Take(2));
            Assert.IsType<NormalizeConfig>(Assert.Single(data.Pipeline.Skip(2)));
        }
        Assert.Equal(["train", "val"], config.Data.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["feat5"], config.Features);
        Assert.Equal(("gap", "fp32", "exact", 100), (config.Pool, config.Precision, config.Reduction, config.BatchSize));
    }

    [Fact]
    public void The_finetune_sample_is_the_protocol_of_the_reference_numbers_on_4_virtual_ranks()
    {
        var config = Of(Finetune);
        var training = config.Training!;
        Assert.Equal((4, 16, 10, false), (training.VirtualRanks, training.ImagesPerRank, training.Epochs, training.FrozenBackbone));
        Assert.Equal((0.05, 0.9, 5e-4), (training.Optimizer.LearningRate, training.Optimizer.Momentum, training.Optimizer.WeightDecay));
        Assert.Equal(new ScheduleConfig { Policy = "CosineAnnealing", ByEpoch = false, MinRate = 0 }, training.Schedule);
        Assert.Equal([new PadConfig(2, 2, 2, 2, 0), new RandomCropConfig(32, 32, 4), new RandomHorizontalFlipConfig(0.5), new ToTensorConfig()], config.Data["train"].Pipeline.Take(4));
        Assert.Equal([new PadConfig(2, 2, 2, 2, 0), new ToTensorConfig()], config.Data["val"].Pipeline.Take(2));
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    public void Threads_are_the_machines_cores_shared_by_the_virtual_ranks(int cores, int threads)
    {
        Assert.Equal(threads, RunConfigBuilder.Build(Request(Linear) with { Threads = null, Cores = cores }).Config.Threads);
        Assert.Equal(3, RunConfigBuilder.Build(Request(Linear) with { Threads = 3, Cores = cores }).Config.Threads);
    }

    [Fact]
    public void Virtual_ranks_are_the_key_else_the_names_else_1()
    {
        Assert.Equal(4, Of(ImageNet).Training!.VirtualRanks);
        Assert.Equal(8, Of(ImageNet, "virtual_ranks=8").Training!.VirtualRanks);
        var text = File.ReadAllText(Path.Combine(ConfigFolder.ProgramRoot, Linear)).Replace("virtual_ranks: 4\n", "", StringComparison.Ordinal);
        Assert.Equal(1, Of(_folder.Write("plain.yaml", text)).Training!.VirtualRanks);
        Assert.Equal(2, Of(_folder.Write("mine_2xb16_x.yaml", text)).Training!.VirtualRanks);
    }

    [Fact]
    public void A_batch_that_contradicts_the_name_is_warned_of()
    {
        Assert.Empty(RunConfigBuilder.Build(Request(ImageNet)).Notes);
        var note = Assert.Single(RunConfigBuilder.Build(Request(ImageNet, "data.imgs_per_gpu=32")).Notes);
        Assert.EndsWith("warning: the name says 4 x 64 = 256 images per step, but the config comes to 4 x 32 = 128; its learning rate is made for the former", note, StringComparison.Ordinal);
        Assert.EndsWith("comes to 8 x 32 = 256", Assert.Single(RunConfigBuilder.Build(Request(ImageNet, "data.imgs_per_gpu=32", "virtual_ranks=8")).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.backbone.out_indices=[0]", "feat2")]
    [InlineData("model.backbone.out_indices=[2]", "feat4")]
    [InlineData("model.backbone.out_indices=3", "feat5")]
    [InlineData("model.backbone.out_indices=[4]", "feat5")]
    [InlineData("model.head.feature=feat1", "feat1")]
    public void The_feature_is_the_heads_own_key_else_the_stage_of_out_indices(string set, string feature)
    {
        string[] sets = set.StartsWith("model.head", StringComparison.Ordinal) ? [set, "model.backbone.out_indices=[3]"] : [set, "model.head.feature=null"];
        var config = Of(Linear, sets);
        Assert.Equal(feature, config.Training!.Head.Feature);
        Assert.Equal([feature], config.Features);
    }

    [Fact]
    public void Fp16_on_a_processor_is_fp32_with_a_warning_and_says_so()
    {
        var built = RunConfigBuilder.Build(Request(Linear, "use_fp16=true"));
        Assert.Equal("fp32 (config: fp16)", built.Config.Precision);
        Assert.Contains("warning: use_fp16 is true, but a CPU trains in fp32", Assert.Single(built.Notes), StringComparison.Ordinal);
        Assert.Equal("fp32", Of(Linear, "fp16={loss_scale: dynamic}").Precision);
        Assert.Equal("fp32", Of(Linear, "use_fp16=true", "precision=fp32").Precision);
        Assert.Equal(["use_fp16: must be false: training in fp16 on CUDA is not built yet (--set use_fp16=false trains in fp32)"],
            Errors(Request(Linear, "use_fp16=true") with { Device = "cuda" }));
    }

    [Fact]
    public void Keys_without_effect_are_taken_and_named_in_one_note()
    {
        var note = Assert.Single(RunConfigBuilder.Build(Request(Linear, "dist_params={backend: nccl}", "cudnn_benchmark=true", "workflow=[[train, 1]]", "data_train_list=x")).Notes);
        Assert.EndsWith("without effect here: cudnn_benchmark, data_train_list, dist_params, workflow (docs/configs.md says why)", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Prefetch_means_ToTensor_and_Normalize_behind_the_pipeline()
    {
        var pipeline = Of(ImageNet).Data["train"].Pipeline;
        Assert.Equal([new RandomResizedCropConfig(224, 224, 0.08, 1, 3.0 / 4, 4.0 / 3, "bicubic"), new RandomHorizontalFlipConfig(0.5), new ToTensorConfig()], pipeline.Take(3));
        var norm = Assert.IsType<NormalizeConfig>(pipeline[3]);
        Assert.Equal([0.485, 0.456, 0.406], norm.Mean);
        Assert.Equal([0.229, 0.224, 0.225], norm.Std);
        Assert.Equal(4, pipeline.Count);
        Assert.Contains("data.train.pipeline.1: stands in a pipeline with prefetch: true, whose loader does ToTensor and Normalize by img_norm_cfg; leave it out, or set prefetch to false",
            Errors(Request(Linear, "data.train.prefetch=true", "img_norm_cfg={mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}")));
        Assert.Equal(["data.train.prefetch: needs img_norm_cfg at the top level: the loader normalizes by it"], Errors(Request(Linear, "data.train.prefetch=true")));
        Assert.Equal(["data.val.prefetch: must be false: images that are evaluated are not prefetched; write ToTensor and Normalize into the pipeline"], Errors(Request(ImageNet, "data.val.prefetch=true")));
    }

    [Fact]
    public void A_data_root_and_options_reach_the_config()
    {
        var built = RunConfigBuilder.Build(Request(ImageNet) with { DataRoot = "/mnt/sets", Seed = 7, AllowPartial = true, Device = "cuda" });
        Assert.Equal("/mnt/sets/ImageNet/val", built.Config.Data["val"].Source.Root);
        Assert.Equal((7, true, "cuda", "fast"), (built.Config.Seed, built.Config.AllowPartial, built.Config.Device, built.Config.Reduction));
        Assert.Equal(4, built.Files.Count);
        Assert.Null(built.DatasetPath);
    }
}
