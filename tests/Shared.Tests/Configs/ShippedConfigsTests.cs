using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class ShippedConfigsTests
{
    public static TheoryData<string> All =>
        [.. Directory.EnumerateFiles(Path.Combine(ConfigFolder.ProgramRoot, "configs"), "*.yaml", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/_base_/", StringComparison.Ordinal)) // parts of configs, not configs
            .Select(f => Path.GetRelativePath(ConfigFolder.ProgramRoot, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void It_loads_without_error_and_without_a_note(string path)
    {
        foreach (var format in ConfigShow.Formats)
        {
            var shown = ConfigShow.Render(path, format, programRoot: ConfigFolder.ProgramRoot);
            Assert.Empty(shown.Notes);
            Assert.NotEmpty(shown.Text);
        }
    }

    [Fact]
    public void The_configs_that_users_are_told_of_are_there() => Assert.Superset(
        new HashSet<string>(StringComparer.Ordinal)
        {
            "configs/benchmarks/classification/knn_imagenet.yaml", "configs/samples/knn.yaml", "configs/samples/selfsup.yaml",
            "configs/samples/linear.yaml", "configs/samples/finetune.yaml", "configs/benchmarks/classification/imagenet/r50_linear_sz224_4xb64_step_ep100.yaml",
        },
        All.Select(row => row.Data).ToHashSet(StringComparer.Ordinal));
}
