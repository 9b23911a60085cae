using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class RemoteRunTests : IDisposable
{
    private readonly CliHarness _cli = new();
    private readonly FakeServer _server;

    public RemoteRunTests()
    {
        _server = new FakeServer(_cli.Cluster);
        _cli.Environment["CLUSTERBENCH_TOKEN_FILE"] = _cli.Write("secret", "s3cret\n");
        _cli.Environment["CLUSTERBENCH_CLUSTER"] = _server.Url;
    }

    [Fact]
    public async Task A_run_on_a_running_cluster_starts_nothing_here_and_sends_the_token()
    {
        CallResult result = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--work-dir", "run");

        Assert.Equal(0, result.Status);
        Assert.Contains("81.40", result.Out, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
        RunFile file = RunFolder.Read(_cli.Path("run"))!;
        Assert.EndsWith($" --cluster {_server.Url}", file.Submission.Command, StringComparison.Ordinal);
        Assert.All(_server.Tokens, token => Assert.Equal("Bearer s3cret", token));
    }

    [Fact]
    public async Task Detach_prints_the_id_and_leaves()
    {
        _cli.Cluster.Steps = -1;

        CallResult text = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--work-dir", "run", "--detach");
        CallResult json = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--work-dir", "run", "--detach", "--json");

        string id = RunFolder.Read(_cli.Path("run"))!.Run;
        Assert.Equal((0, id + "\n"), (text.Status, text.Out));
        Assert.Equal(id, JsonSerializer.Deserialize(json.LastLine, ApiJson.Default.RunOutcome)!.Run);
    }

    [Fact]
    public async Task The_device_is_that_of_the_clusters_workers()
    {
        _cli.Cluster.Workers.Add(new WorkerView { Id = "w", Incarnation = "i", Host = "h", Pid = 1, Device = "cuda:0", State = "idle" });

        CallResult result = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--dry-run");

        Assert.Equal("cuda", _cli.Configs.LastRequest!.Device);
        Assert.Contains("device: cuda (as worker w has it)\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_the_watch_leaves_the_run_alone()
    {
        _cli.Cluster.Steps = -1;
        using var stop = new CancellationTokenSource();
        _cli.Cluster.OnCall = call =>
        {
            if (call.Contains("/events", StringComparison.Ordinal))
                stop.Cancel();
        };
        var error = new StringWriter();
        var run = new RunCall
        {
            Benchmark = "knn", Config = "configs/selfsup.yaml", Pretrained = "checkpoint.pth", WorkDir = "run", Device = "cpu",
            Cluster = new ClusterChoice(new Uri(_server.Url), _cli.Path("state")),
        };

        int status = await BenchmarkCommand.RunAsync(run, _cli.Around(error: error), stop.Token);

        Assert.Equal(130, status);
        Assert.Contains("no longer watching; the run goes on in the cluster.", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_cli.Cluster.Calls, call => call.EndsWith("/cancel", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_token_file_is_an_error_that_names_it()
    {
        _cli.Write("secret", "\n");

        CallResult result = await _cli.RunAsync("runs");

        Assert.Equal(2, result.Status);
        Assert.Contains($"CLUSTERBENCH_TOKEN_FILE: {_cli.Path("secret")} is empty", result.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _server.Dispose();
        _cli.Dispose();
    }
}
