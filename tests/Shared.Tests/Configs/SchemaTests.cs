using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class SchemaTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_errors_of_both_configs_and_the_options_come_at_once_with_place_and_remedy()
    {
        const string Selfsup = """
            model:
              type: NobodyKnowsThisMethod
              backbone:
                type: ResNet
                depht: 50
                style: tensorflow
            downstream: {knm: a.yaml}
            optimizer: {type: AnythingGoes}
            """;
        const string Dataset = """
            data:
              imgs_per_gpu: many
              worker_per_gpu: 2
              val:
                data_source: {type: CIFAR10, root: data/cifar10}
                pipeline: [{type: ToTensor}]
            """;
        var request = _folder.Request(Selfsup, Dataset, "data.val.typ=x", "modle.backbone.depth=3") with { K = [0, 5, 5], Temperature = 0, Threads = 0 };
        Assert.Equal(
            [
                "--set  modle.backbone.depth: no such key in the self-supervised config or in the dataset config; did you mean 'model'?",
                "--set  data.val.typ: unknown key; did you mean 'type'?",
                "selfsup.yaml:4:5  model.backbone.depth: is missing",
                "selfsup.yaml:5:5  model.backbone.depht: unknown key; did you mean 'depth'?",
                "selfsup.yaml:6:12  model.backbone.style: unknown style 'tensorflow'; known: pytorch, caffe",
                "selfsup.yaml:7:14  downstream.knm: unknown key; did you mean 'knn'?",
                "dataset.yaml:2:3  data.train: is missing",
                "dataset.yaml:2:17  data.imgs_per_gpu: must be a whole number, is the text 'many'",
                "dataset.yaml:3:3  data.worker_per_gpu: unknown key; did you mean 'workers_per_gpu'?",
                "dataset.yaml:5:25  data.val.data_source.type: the data source 'CIFAR10' is not built yet; supported: ImageNet, ImageList",
                "--threads  must be at least 1, is 0",
                "--k  must be at least 1, is 0",
                "--k  holds 5 more than once; keep one",
                "--temperature  must be above 0, is 0.0: similarities are divided by it",
                "14 errors in the config; nothing was started.",
            ],
            _folder.Errors(() => RunConfigBuilder.Build(request)));
    }

    [Theory]
    [InlineData("type: ResNet\ndepth: 19", "4:12", "depth: ResNet has the depths 18, 34, 50, 101, 152, not 19")]
    [InlineData("type: ResNet\ndepth: 50.0", "4:12", "depth: must be a whole number, is the number 50.0")]
    [InlineData("type: ResNet\ndepth: null", "4:12", "depth: must have a value, is null")]
    [InlineData("type: MIMVisionTransformer\narch: base", "3:11", "type: the backbone 'MIMVisionTransformer' is not built yet; supported: ResNet, ResNet_CIFAR")]
    [InlineData("type: Resnet\ndepth: 50", "3:11", "type: unknown backbone 'Resnet'; did you mean 'ResNet'? known: ResNet, ResNet_CIFAR")]
    [InlineData("type: ResNet\ndepth: 50\nin_channels: 2", "5:18", "in_channels: must be 3, is 2: images are read as RGB, and a network on Sobel's two channels cannot be evaluated")]
    [InlineData("type: ResNet\ndepth: 50\nnum_stages: 3", "5:17", "num_stages: must be 4, is 3: feat2 to feat5 are the four stages")]
    [InlineData("type: ResNet\ndepth: 50\ndeep_stem: true", "5:16", "deep_stem: must be false: ResNet variants with it are other networks (ResNet-C, ResNet-D)")]
    [InlineData("type: ResNet\ndepth: 50\nstrides: [1, 2, 2, 1]", "5:14", "strides: must be [1, 2, 2, 2], is [1, 2, 2, 1]")]
    [InlineData("type: ResNet\ndepth: 50\nexpansion: 1", "5:16", "expansion: must be 4 at depth 50, is 1")]
    [InlineData("type: ResNet\ndepth: 50\nnorm_cfg: {type: GN}", "5:22", "norm_cfg.type: unknown norm 'GN'; known: BN, SyncBN")]
    [InlineData("type: ResNet\ndepth: 50\nnorm_cfg: {type: BN, eps: 1e-3}", "5:31", "norm_cfg.eps: must be 1e-5, is 0.001")]
    [InlineData("type: ResNet\ndepth: 50\nnorm_eval: 1", "5:16", "norm_eval: must be true or false, is the number 1")]
    [InlineData("type: ResNet\ndepth: 50\nstem_channels: 0", "5:20", "stem_channels: must be from 1 to 4096, is 0")]
    public void A_wrong_backbone_is_an_error(string backbone, string place, string error)
    {
        var selfsup = "model:\n  backbone:\n" + string.Join('\n', backbone.Split('\n').Select(l => "    " + l));
        Assert.Equal([$"selfsup.yaml:{place}  model.backbone.{error}", "1 error in the config; nothing was started."], _folder.BuildErrors(selfsup));
    }

    [Fact]
    public void A_missing_model_and_a_model_without_backbone_say_what_is_missing()
    {
        Assert.Equal("selfsup.yaml:1:1  model: is missing", _folder.BuildErrors("data: {}")[0]);
        Assert.Equal("selfsup.yaml:1:8  model.backbone: is missing", _folder.BuildErrors("model: {type: SimCLR}")[0]);
        Assert.Equal("selfsup.yaml:1:21  model.with_sobel: must be false: a network that sees Sobel-filtered images cannot be evaluated on RGB images",
            _folder.BuildErrors("model: {with_sobel: true, backbone: {type: ResNet, depth: 50}}")[0]);
    }

    [Theory]
    [InlineData("ResNet")]
    [InlineData("ResNet_CIFAR")]
    public void Every_key_of_upstream_without_effect_on_features_is_taken(string type)
    {
        var config = RunConfigBuilder.Build(_folder.Request($"""
            model:
              pretrained: null
              backbone: {"{"}type: {type}, depth: 101, num_stages: 4, out_indices: [0, 4], frozen_stages: 4, norm_cfg: {"{"}type: SyncBN, requires_grad: true{"}"}, norm_eval: true,
                with_cp: false, zero_init_residual: true, drop_path_rate: 0.1, init_cfg: [{"{"}type: Kaiming{"}"}], strides: [1, 2, 2, 2], dilations: [1, 1, 1, 1],
                deep_stem: false, avg_down: false, expansion: 4, conv_cfg: null, in_channels: 3, stem_channels: 32, base_channels: 48, style: caffe{"}"}
            """)).Config;
        Assert.Equal(new BackboneConfig { Type = type, Depth = 101, StemChannels = 32, BaseChannels = 48, Style = "caffe" }, config.Backbone);
    }

    [Theory]
    [InlineData("[]", "", "has no ToTensor: the network takes floats; add '- type: ToTensor' after the image transforms")]
    [InlineData("[{type: Resize, size: 4}]", "", "has no ToTensor: the network takes floats; add '- type: ToTensor' after the image transforms")]
    [InlineData("[{type: Normalize, mean: [0, 0, 0], std: [1, 1, 1]}, {type: ToTensor}]", ".0", "Normalize stands before ToTensor, on bytes; put it after ToTensor")]
    [InlineData("[{type: ToTensor}, {type: CenterCrop, size: 4}]", ".1", "CenterCrop works on images and stands after ToTensor; put it before")]
    [InlineData("[{type: ToTensor}, {type: ToTensor}]", ".1", "ToTensor stands a second time; keep the first")]
    [InlineData("[{type: ToTensor}, {type: Normalize, mean: [0, 0, 0], std: [1, 1, 1]}, {type: Normalize, mean: [0, 0, 0], std: [1, 1, 1]}]", ".2", "Normalize stands a second time; keep one")]
    [InlineData("[{type: ToTensor}, {type: Normalize, mean: [0, 0, 0], std: [1, 0, 1]}]", ".1.std", "must be above 0 in every channel, is 0.0 in channel 1: it divides the pixels")]
    [InlineData("[{type: ToTensor}, {type: Normalize, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375]}]", ".1.std",
        "mean 123.675 and std 58.395 are for pixels of 0 to 255, but ToTensor makes 0 to 1: divide both by 255")]
    [InlineData("[{type: ToTensor}, {type: Normalize, mean: [0.5], std: [1, 1, 1]}]", ".1.mean", "must have 3 numbers, one for each of R, G and B, has 1")]
    [InlineData("[{type: ToTensor}, {type: Normalize, mean: [0, 0, .nan], std: [1, 1, 1]}]", ".1.mean.2", "must be a finite number, is the number .nan")]
    [InlineData("[{type: Resize, size: [1, 2, 3]}, {type: ToTensor}]", ".0.size", "must be one number or a list of 2, is a list of 3")]
    [InlineData("[{type: Resize, size: 0}, {type: ToTensor}]", ".0.size", "must be from 1 to 16384, is 0")]
    [InlineData("[{type: Resize, size: 4, interpolation: 1}, {type: ToTensor}]", ".0.interpolation", "must be bilinear (2) or bicubic (3), is 1")]
    [InlineData("[{type: Resize, size: 4, interpolation: bicubik}, {type: ToTensor}]", ".0.interpolation", "unknown interpolation 'bicubik'; did you mean 'bicubic'? known: bilinear, bicubic")]
    [InlineData("[{type: Pad, padding: [1, 2, 3]}, {type: ToTensor}]", ".0.padding", "must be one number or a list of 2 or 4, is a list of 3")]
    [InlineData("[{type: Pad, padding: -1}, {type: ToTensor}]", ".0.padding", "must be from 0 to 16384, is -1")]
    [InlineData("[{type: RandomResizedCrop, size: 4}, {type: ToTensor}]", ".0.type", "RandomResizedCrop changes images at random, but these are evaluated: the result would be chance; use Resize and CenterCrop")]
    [InlineData("[{type: RandomCrop, size: 4}, {type: ToTensor}]", ".0.type", "RandomCrop changes images at random, but these are evaluated: the result would be chance; use Resize and CenterCrop")]
    [InlineData("[{type: RandomHorizontalFlip}, {type: ToTensor}]", ".0.type", "RandomHorizontalFlip changes images at random, but these are evaluated: the result would be chance; use Resize and CenterCrop")]
    [InlineData("[{type: Centercrop, size: 4}, {type: ToTensor}]", ".0.type", "unknown transform for evaluation 'Centercrop'; did you mean 'CenterCrop'? known: Pad, Resize, CenterCrop, ToTensor, Normalize")]
    [InlineData("[{type: ToTensor, size: 3}]", ".0.size", "unknown key; none may stand here beside those given")]
    [InlineData("[ToTensor]", ".0", "must be a mapping, is the text 'ToTensor'")]
    public void A_wrong_pipeline_is_an_error(string pipeline, string path, string error)
    {
        var lines = _folder.BuildErrors(ConfigFolder.Selfsup, ConfigFolder.Dataset, $"data.train.pipeline={pipeline}");
        Assert.Equal([$"--set  data.train.pipeline{path}: {error}", "1 error in the config; nothing was started."], lines);
    }

    [Theory]
    [InlineData("{type: Pad, padding: [1, 2, 3, 4], fill: 9}", "{type: Pad, padding: [1, 2, 3, 4], fill: 9}")]
    [InlineData("{type: Pad, padding: [1, 2]}", "{type: Pad, padding: [1, 2, 1, 2], fill: 0}")]
    [InlineData("{type: Pad, padding: 2, padding_mode: constant}", "{type: Pad, padding: [2, 2, 2, 2], fill: 0}")]
    [InlineData("{type: Resize, size: 256}", "{type: Resize, size: 256, interpolation: bilinear}")]
    [InlineData("{type: Resize, size: [24, 32], interpolation: 3}", "{type: Resize, size: [24, 32], interpolation: bicubic}")]
    [InlineData("{type: Resize, size: [24], interpolation: bicubic}", "{type: Resize, size: 24, interpolation: bicubic}")]
    [InlineData("{type: CenterCrop, size: 500}", "{type: CenterCrop, size: [500, 500]}")]
    [InlineData("{type: CenterCrop, size: [3, 4]}", "{type: CenterCrop, size: [3, 4]}")]
    public void A_transform_has_torchvisions_keys(string written, string canonical)
    {
        var built = RunConfigBuilder.Build(_folder.Request(ConfigFolder.Selfsup, ConfigFolder.Dataset, $"data.val.pipeline=[{written}, {"{type: ToTensor}"}]"));
        Assert.Contains($"    - {canonical}\n    - {{type: ToTensor}}\n", RunConfigText.Write(built.Config), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.val.prefetch=true", "data.val.prefetch: must be false: with it ToTensor and Normalize are left to a GPU loader; write both into the pipeline")]
    [InlineData("data.val.data_source.return_label=false", "data.val.data_source.return_label: must be true: the benchmark needs the labels")]
    [InlineData("data.val.data_source.splitor=','", "data.val.data_source.splitor: must be a space, is ',': a list has 'path label' lines")]
    [InlineData("data.val.data_source.list_file=''", "data.val.data_source.list_file: must be text, is empty")]
    [InlineData("data.val.data_source.root=\"a\\0b\"", "data.val.data_source.root: must be text, is text with a zero byte")]
    [InlineData("data.val.data_source.root=[\"a\\nb\"]", "data.val.data_source.root: must be text, is a list of 1")]
    [InlineData("pool=\"a\\nb\"", "pool: unknown pool for knn and features 'a b'; known: gap")]
    [InlineData("data.val.type=ClasificationDataset", "data.val.type: unknown dataset 'ClasificationDataset'; did you mean 'ClassificationDataset'? known: ClassificationDataset, ExtractDataset")]
    [InlineData("data.imgs_per_gpu=0", "data.imgs_per_gpu: must be from 1 to 65536, is 0")]
    [InlineData("pool=specified", "pool: unknown pool for knn and features 'specified'; known: gap")]
    [InlineData("precision=fp16", "precision: unknown precision 'fp16'; known: fp32")]
    [InlineData("reduction=fastt", "reduction: unknown reduction 'fastt'; did you mean 'fast'? known: exact, fast")]
    [InlineData("features=[feat6]", "features: ResNet has no feature 'feat6'; valid: feat1, feat2, feat3, feat4, feat5")]
    [InlineData("features=[feat4, feat5]", "features: knn compares by one feature, not 2")]
    [InlineData("knn.k=[]", "knn.k: is empty; give at least one number of neighbours, e.g. 20")]
    [InlineData("knn.k=[1.5]", "knn.k.0: must be a whole number, is the number 1.5")]
    [InlineData("knn.temperature=-1", "knn.temperature: must be above 0, is -1.0: similarities are divided by it")]
    [InlineData("knn.temprature=1", "knn.temprature: unknown key; did you mean 'temperature'?")]
    [InlineData("model.bakbone.depth=18", "model.bakbone.depth: only model.backbone has an effect on this benchmark; did you mean 'backbone'?")]
    [InlineData("optimizer.lr=1", "optimizer.lr: no such key in the self-supervised config or in the dataset config; known: model, downstream, work_dir, data, pool, knn, features, precision, reduction")]
    public void A_wrong_key_or_value_of_the_dataset_config_is_an_error(string set, string error) =>
        Assert.Equal([$"--set  {error}", "1 error in the config; nothing was started."], _folder.BuildErrors(ConfigFolder.Selfsup, ConfigFolder.Dataset, set));

    [Fact]
    public void A_helper_variable_of_mm_configs_is_taken_with_a_note()
    {
        var built = RunConfigBuilder.Build(_folder.Request(dataset: "img_norm_cfg: {mean: [0, 0, 0]}\n" + ConfigFolder.Dataset));
        Assert.Equal("dataset.yaml:1:15: 'img_norm_cfg' by itself changes nothing; what counts stands under 'data'",
            Assert.Single(built.Notes).Replace(_folder.Root + "/", "", StringComparison.Ordinal));
    }
}
