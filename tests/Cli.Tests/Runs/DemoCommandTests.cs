using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class DemoCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public DemoCommandTests()
    {
        _cli.Write("configs/samples/selfsup.yaml", "model: {}\n");
        _cli.Write("samples/simclr_r18w16_fashion.pth", "trained");
        _cli.Write("samples/random_init_r18w16.pth", "untrained");
    }

    [Fact]
    public async Task The_demo_runs_both_networks_in_one_cluster_and_ends_with_a_table_of_both()
    {
        CallResult result = await _cli.RunAsync("demo");

        Assert.Equal(0, result.Status);
        Assert.Equal(2, Assert.Single(_cli.Embedded.Started).Workers);
        Assert.Equal(1, _cli.Embedded.Ended);
        Assert.Contains("SimCLR, no labels   untrained network\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("   10      81.40    97.25      81.40    97.25\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("report    work_dirs/demo/simclr/report.html\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("   kept 1 tensor\n", result.Error, StringComparison.Ordinal);
        Assert.Equal("trained", await File.ReadAllTextAsync(_cli.Path("work_dirs/demo/simclr_backbone.pth"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_demo_starts_anew_every_time()
    {
        _cli.Write("work_dirs/demo/left.txt", "from before");

        await _cli.RunAsync("demo");
        _cli.Cluster.Forget();
        CallResult second = await _cli.RunAsync("demo", "--json");

        Assert.False(File.Exists(_cli.Path("work_dirs/demo/left.txt")));
        Assert.Equal(2, _cli.Embedded.Started.Count);
        RunOutcome outcome = JsonSerializer.Deserialize(second.LastLine, ApiJson.Default.RunOutcome)!;
        Assert.Equal(("demo", "completed"), (outcome.Benchmark, outcome.Status));
        Assert.Equal(["work_dirs/demo/simclr", "work_dirs/demo/random_init"], outcome.Children!.Select(child => child.WorkDir));
    }

    [Fact]
    public async Task A_run_of_the_demo_that_fails_ends_it_with_1()
    {
        _cli.Cluster.End = "failed";

        CallResult result = await _cli.RunAsync("demo");

        Assert.Equal(1, result.Status);
        Assert.Contains("failed: the disk is full", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    public void Dispose() => _cli.Dispose();
}
