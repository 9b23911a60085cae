using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

/// <summary>Random transforms: in the training split of a benchmark that trains, and nowhere else.</summary>
public sealed class RandomTransformSchemaTests
{
    [Theory]
    [InlineData("{type: RandomCrop, size: 32, padding: 4}", "{type: RandomCrop, size: [32, 32], padding: 4, padding_mode: constant}")]
    [InlineData("{type: RandomCrop, size: [3, 4], padding: 1, padding_mode: reflect}", "{type: RandomCrop, size: [3, 4], padding: 1, padding_mode: reflect}")]
    [InlineData("{type: RandomCrop, size: 224}", "{type: RandomCrop, size: [224, 224], padding: 0, padding_mode: constant}")]
    [InlineData("{type: RandomResizedCrop, size: 224}", "{type: RandomResizedCrop, size: [224, 224], scale: [0.08, 1.0], ratio: [0.75, 1.3333333333333333], interpolation: bilinear}")]
    [InlineData("{type: RandomResizedCrop, size: [24, 32], scale: [0.2, 1], ratio: [1, 1], interpolation: 3}", "{type: RandomResizedCrop, size: [24, 32], scale: [0.2, 1.0], ratio: [1.0, 1.0], interpolation: bicubic}")]
    [InlineData("{type: RandomHorizontalFlip}", "{type: RandomHorizontalFlip, p: 0.5}")]
    [InlineData("{type: RandomHorizontalFlip, p: 0}", "{type: RandomHorizontalFlip, p: 0.0}")]
    public void A_random_transform_has_torchvisions_keys_and_defaults_and_survives_the_canonical_text(string written, string canonical)
    {
        var config = Read("linear", train: written);

        var text = RunConfigText.Write(config);

        Assert.Contains($"    - {canonical}\n    - {{type: ToTensor}}\n", text, StringComparison.Ordinal);
        Assert.Equivalent(config, RunConfigText.Parse(text), strict: true);
        Assert.Equal(text, RunConfigText.Write(RunConfigText.Parse(text)));
    }

    [Theory]
    [InlineData("{type: RandomCrop}", "size: is missing")]
    [InlineData("{type: RandomCrop, size: 0}", "size: must be from 1 to 16384, is 0")]
    [InlineData("{type: RandomCrop, size: 32, padding: -1}", "padding: must be from 0 to 16384, is -1")]
    [InlineData("{type: RandomCrop, size: 32, padding: [4, 4]}", "padding: must be a whole number, is a list of 2")]
    [InlineData("{type: RandomCrop, size: 32, padding_mode: edge}", "padding_mode: unknown padding mode 'edge'; known: constant, reflect")]
    [InlineData("{type: RandomResizedCrop, size: 32, scale: 0.2}", "scale: must be a list, is the number 0.2")]
    [InlineData("{type: RandomResizedCrop, size: 32, scale: [0.2]}", "scale: must be two numbers above 0, the smaller first, is [0.2]")]
    [InlineData("{type: RandomResizedCrop, size: 32, scale: [0, 1]}", "scale: must be two numbers above 0, the smaller first, is [0.0, 1.0]")]
    [InlineData("{type: RandomResizedCrop, size: 32, scale: [0.2, 2]}", "scale: must end at 1 at most, ends at 2.0: it is a share of the image's area")]
    [InlineData("{type: RandomResizedCrop, size: 32, ratio: [2, 1]}", "ratio: must be two numbers above 0, the smaller first, is [2.0, 1.0]")]
    [InlineData("{type: RandomResizedCrop, size: 32, ratio: [1, 2, 3]}", "ratio: must be two numbers above 0, the smaller first, is [1.0, 2.0, 3.0]")]
    [InlineData("{type: RandomResizedCrop, size: 32, interpolation: 1}", "interpolation: must be bilinear (2) or bicubic (3), is 1")]
    [InlineData("{type: RandomResizedCrop, size: 32, padding: 4}", "padding: unknown key; known: scale, ratio, interpolation")]
    [InlineData("{type: RandomHorizontalFlip, p: 1.5}", "p: must be from 0 to 1, is 1.5: it is a probability")]
    [InlineData("{type: RandomHorizontalFlip, p: often}", "p: must be a finite number, is the text 'often'")]
    [InlineData("{type: RandomCorp, size: 32}", "type: unknown transform 'RandomCorp'; did you mean 'RandomCrop'? known: Pad, Resize, CenterCrop, ToTensor, Normalize, RandomCrop, RandomResizedCrop, RandomHorizontalFlip")]
    public void A_wrong_random_transform_is_an_error_with_its_place(string written, string error) =>
        Assert.EndsWith($"data.train.pipeline.0.{error}", Error("linear", train: written), StringComparison.Ordinal);

    [Fact]
    public void A_random_transform_behind_ToTensor_is_an_error() =>
        Assert.EndsWith(
            "data.train.pipeline.1: RandomHorizontalFlip works on images and stands after ToTensor; put it before",
            Error("finetune", train: "{type: ToTensor}, {type: RandomHorizontalFlip}", toTensor: ""),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("linear", "val")]
    [InlineData("finetune", "val")]
    [InlineData("knn", "train")]
    [InlineData("features", "val")]
    public void Images_that_are_evaluated_may_not_be_changed_at_random(string benchmark, string split)
    {
        const string Random = "{type: RandomCrop, size: 32}", Fixed = "{type: CenterCrop, size: 32}";

        var error = Error(benchmark, split == "train" ? Random : Fixed, split == "val" ? Random : Fixed);

        Assert.EndsWith(
            $"data.{split}.pipeline.0.type: RandomCrop changes images at random, but these are evaluated: the result would be chance; use Resize and CenterCrop",
            error, StringComparison.Ordinal);
    }

    private static string Error(string benchmark, string train = "{type: CenterCrop, size: 32}", string val = "{type: CenterCrop, size: 32}", string toTensor = ", {type: ToTensor}") =>
        Assert.Single(Assert.Throws<ConfigException>(() => Read(benchmark, train, val, toTensor)).Errors).ToString();

    private static RunConfig Read(string benchmark, string train, string val = "{type: CenterCrop, size: 32}", string toTensor = ", {type: ToTensor}") => benchmark switch
    {
        "linear" or "finetune" => BenchmarkConfigs.Of($"configs/samples/{benchmark}.yaml", $"data.train.pipeline=[{train}{toTensor}]", $"data.val.pipeline=[{val}, {{type: ToTensor}}]"),
        _ => RunConfigText.Parse(Text(benchmark, train, val, toTensor)),
    };

    private static string Text(string benchmark, string train, string val = "{type: CenterCrop, size: 32}", string toTensor = ", {type: ToTensor}") => $$"""
        benchmark: {{benchmark}}
        model:
          backbone: {type: ResNet, depth: 18}
        data:
          imgs_per_gpu: 64
          train: {data_source: {type: ImageNet, list_file: l, root: r}, pipeline: [{{train}}{{toTensor}}]}
          val: {data_source: {type: ImageNet, list_file: l, root: r}, pipeline: [{{val}}, {type: ToTensor}]}
        pool: gap
        features: [feat5]
        knn: {k: [20], temperature: 0.07}
        threads: 1
        precision: fp32
        reduction: exact
        device: cpu
        seed: 0
        allow_partial: false
        """;
}
