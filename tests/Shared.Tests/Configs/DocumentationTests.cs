using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

/// <summary>What docs/configs.md shows is what the program does.</summary>
public sealed class DocumentationTests : IDisposable
{
    private readonly ConfigFolder _folder = new();
    private readonly string _text = File.ReadAllText(Path.Combine(ConfigFolder.ProgramRoot, "docs", "configs.md"));

    public void Dispose() => _folder.Dispose();

    private string[] Blocks(string language) =>
        [.. _text.Split($"```{language}\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)])];

    [Fact]
    public void The_two_example_configs_make_a_run_with_the_defaults_that_they_name()
    {
        var blocks = Blocks("yaml");
        Assert.Equal(3, blocks.Length);
        var config = RunConfigBuilder.Build(_folder.Request(blocks[0], blocks[1])).Config;
        var plain = RunConfigBuilder.Build(_folder.Request()).Config;
        Assert.Equal(plain.Backbone, config.Backbone);
        Assert.Equal((plain.Pool, plain.Precision, plain.Reduction), (config.Pool, config.Precision, config.Reduction));
        Assert.Equal(plain.Features, config.Features);
        Assert.Equal(plain.Knn!.K, config.Knn!.K);
        Assert.Equal(plain.Knn.Temperature, config.Knn.Temperature);
        Assert.EndsWith("val_labeled.txt", config.Data["val"].Source.ListFile, StringComparison.Ordinal);
        Assert.Equal(4, config.Data["val"].Pipeline.Count);
    }

    [Fact]
    public void The_example_of_a_benchmark_config_is_ImageNets_linear_evaluation()
    {
        var built = RunConfigBuilder.Build(BenchmarkConfigs.Request(_folder.Write("linear_4xb64.yaml", Blocks("yaml")[2])));
        Assert.Empty(built.Notes);
        Assert.Equal(RunConfigText.Write(BenchmarkConfigs.Of(BenchmarkConfigs.ImageNet)), RunConfigText.Write(built.Config));
    }

    [Fact]
    public void The_example_of_errors_is_what_such_configs_give()
    {
        var selfsup = "model:\n  backbone:\n    type: ResNet\n    depth: 50\n    stile: caffe";
        var dataset = """
            data:
              imgs_per_gpu: 64
              train: &images
                data_source: {type: ImageNet, list_file: l, root: r}
                pipeline: [{type: ToTensor}, {type: Normalize, mean: [0, 0, 0], std: [1, 1, 1]}]
              val:
                <<: *images
                pipeline:
                - type: Centercrop
                  size: 224
                - type: ToTensor
            """;
        var lines = _folder.BuildErrors(selfsup, dataset, "data.val.typ=x");
        var shown = _text.Split("```\n").Single(b => b.StartsWith("selfsup.yaml:", StringComparison.Ordinal)).TrimEnd().Split('\n');
        Assert.Equal(shown, lines.Select(l => l.Replace("dataset.yaml", "knn.yaml", StringComparison.Ordinal)));
    }
}
