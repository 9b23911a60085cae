using System.Text.Json.Nodes;
using ClusterBench.Configs;
using static ClusterBench.Tests.Configs.BenchmarkConfigs;

namespace ClusterBench.Tests.Configs;

/// <summary>OpenMixup's own benchmark configs, resolved by its own rules (tests/fixtures/configs/openmixup.json: path to content).</summary>
public sealed class UpstreamConfigTests : IDisposable
{
    private static readonly JsonObject Upstream = JsonNode.Parse(File.ReadAllText(Fixtures.Path("configs", "openmixup.json")))!.AsObject();

    /// <summary>Keys by which upstream's files name their parts or tell how processes are run.</summary>
    private static readonly string[] WithoutEffect =
    [
        "data_source_cfg", "data_train_list", "data_train_root", "data_test_list", "data_test_root", "dataset_type", "train_pipeline", "test_pipeline", "prefetch",
        "train_cfg", "test_cfg", "dist_params", "cudnn_benchmark", "log_level", "workflow", "persistent_workers", "find_unused_parameters", "opencv_num_threads", "mp_start_method",
    ];

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> All => [.. Upstream.Select(c => c.Key)];

    public static TheoryData<string> LinearOnLists =>
        [.. Upstream.Where(c => c.Key.Contains("_linear_", StringComparison.Ordinal) && c.Value!["model"]!["head"]!["type"]!.GetValue<string>() == "ClsHead"
            && c.Value["data"]!["train"]!["data_source"]!["type"]!.GetValue<string>() == "ImageNet").Select(c => c.Key)];

    /// <summary>JSON is YAML: upstream's content under upstream's name.</summary>
    private string Write(string path) => _folder.Write(Path.ChangeExtension(Path.GetFileName(path), ".yaml"), Upstream[path]!.ToJsonString());

    [Theory]
    [MemberData(nameof(All))]
    public void No_key_of_upstream_is_unknown(string path)
    {
        foreach (var benchmark in (string[])["linear", "finetune"])
        {
            var request = Request(Write(path)) with { Benchmark = benchmark };
            try
            {
                Assert.NotNull(RunConfigBuilder.Build(request).Config.Training);
            }
            catch (ConfigException e)
            {
                Assert.All(e.Errors, error => Assert.DoesNotContain("unknown", error.What, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void There_are_configs_to_look_at() => Assert.Equal((74, 6), (All.Count, LinearOnLists.Count));

    [Theory]
    [MemberData(nameof(LinearOnLists))]
    public void Linear_evaluation_of_a_ResNet_runs_as_upstream_wrote_it(string path)
    {
        var built = RunConfigBuilder.Build(Request(Write(path)));
        var (training, upstream) = (built.Config.Training!, Upstream[path]!);
        Assert.Contains("without effect here: ", Assert.Single(built.Notes), StringComparison.Ordinal);
        Assert.Equal((4, 64, 100), (training.VirtualRanks, training.ImagesPerRank, training.Epochs));
        Assert.Equal(upstream["optimizer"]!["lr"]!.GetValue<double>(), training.Optimizer.LearningRate);
        Assert.Equal(upstream["model"]!["head"]!["num_classes"]!.GetValue<int>(), training.Head.Classes);
        Assert.Equal(upstream["evaluation"]!["imgs_per_gpu"]!.GetValue<int>(), built.Config.BatchSize);
        Assert.Equal((10, 1, 50), (training.CheckpointEpochs, training.CheckpointsKept, training.LogInterval));
    }

    [Fact]
    public void The_shipped_ImageNet_config_is_upstreams_field_by_field()
    {
        var upstream = Upstream[Path.ChangeExtension(ImageNet, ".py")]!.AsObject();
        var ours = JsonNode.Parse(ConfigShow.Render(ImageNet, "json", raw: true, programRoot: ConfigFolder.ProgramRoot).Text)!.AsObject();
        var expected = upstream.Where(f => !WithoutEffect.Contains(f.Key, StringComparer.Ordinal)).ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), ours.Select(f => f.Key).Order(StringComparer.Ordinal));
        Assert.All(expected, field => Assert.True(JsonNode.DeepEquals(field.Value, ours[field.Key]), $"{field.Key}: {field.Value?.ToJsonString()} upstream, {ours[field.Key]?.ToJsonString()} here"));
    }

    [Fact]
    public void The_shipped_ImageNet_config_and_upstreams_are_the_same_run() => Assert.Equal(
        RunConfigText.Write(Of(Write(Path.ChangeExtension(ImageNet, ".py")))),
        RunConfigText.Write(Of(ImageNet)));
}
