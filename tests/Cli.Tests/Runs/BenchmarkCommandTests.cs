using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class BenchmarkCommandTests : IDisposable
{
    private static readonly string[] Call = ["knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--workers", "2", "--work-dir", "run"];

    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_run_is_sent_followed_and_printed_with_its_report()
    {
        CallResult result = await _cli.RunAsync(Call);

        Assert.Equal(0, result.Status);
        Assert.Contains("   10      81.40    97.25\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("work dir  run\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("report    run/report.html\n", result.Out, StringComparison.Ordinal);
        Assert.StartsWith("clusterbench 0.", result.Error, StringComparison.Ordinal);
        Assert.Contains("note: a note\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, _cli.Embedded.Ended);
        RunFile file = RunFolder.Read(_cli.Path("run"))!;
        Assert.Matches("^knn-20261123-[0-9a-f]{4}$", file.Run);
        RunSubmission sent = _cli.Cluster.Submission(file.Run);
        Assert.Equal((40, 20), (sent.Images["train"], sent.Images["val"]));
        Assert.Equal("clusterbench knn configs/selfsup.yaml --pretrained checkpoint.pth --workers 2 --work-dir run", sent.Command);
        Assert.Equal(file.Submission.Hash, sent.Hash);
    }

    [Fact]
    public async Task Json_ends_standard_output_with_one_object()
    {
        CallResult result = await _cli.RunAsync([.. Call, "--json"]);

        RunOutcome outcome = JsonSerializer.Deserialize(result.LastLine, ApiJson.Default.RunOutcome)!;
        Assert.Equal(("knn", "completed", "run"), (outcome.Benchmark, outcome.Status, outcome.WorkDir));
        Assert.Equal(81.4, outcome.Metrics["top1@k=10"]);
    }

    [Fact]
    public async Task The_same_call_again_prints_the_results_without_starting_anything()
    {
        CallResult first = await _cli.RunAsync(Call);
        CallResult second = await _cli.RunAsync(Call);

        Assert.Equal(0, second.Status);
        Assert.Equal(first.Out, second.Out);
        Assert.Single(_cli.Embedded.Started);
    }

    [Fact]
    public async Task Fresh_starts_a_new_run_in_the_same_folder()
    {
        await _cli.RunAsync(Call);
        string first = RunFolder.Read(_cli.Path("run"))!.Run;
        CallResult result = await _cli.RunAsync([.. Call, "--fresh"]);

        Assert.Equal(0, result.Status);
        Assert.Equal(first + "-2", RunFolder.Read(_cli.Path("run"))!.Run);
    }

    [Fact]
    public async Task Another_seed_in_the_same_folder_is_refused_with_what_differs()
    {
        await _cli.RunAsync(Call);
        CallResult result = await _cli.RunAsync([.. Call, "--seed", "3"]);

        Assert.Equal(2, result.Status);
        Assert.Contains("seed: 0 there, 3 now", result.Error, StringComparison.Ordinal);
        Assert.Single(_cli.Embedded.Started);
    }

    [Fact]
    public async Task A_failed_run_ends_with_1_and_its_reason_and_the_same_call_resumes_it()
    {
        _cli.Cluster.End = "failed";
        CallResult failed = await _cli.RunAsync([.. Call, "--json"]);
        _cli.Cluster.End = "completed";
        CallResult resumed = await _cli.RunAsync(Call);

        Assert.Equal(1, failed.Status);
        Assert.Contains("failed: the disk is full\n", failed.Error, StringComparison.Ordinal);
        Assert.Equal("failed", JsonSerializer.Deserialize(failed.LastLine, ApiJson.Default.RunOutcome)!.Status);
        Assert.Equal(0, resumed.Status);
        string id = RunFolder.Read(_cli.Path("run"))!.Run;
        Assert.Single(_cli.Cluster.Calls, call => call == "POST /api/v1/runs");
        Assert.Contains($"POST /api/v1/runs/{id}/resume", _cli.Cluster.Calls);
    }

    [Fact]
    public async Task A_coordinator_that_is_away_for_a_while_is_waited_for_and_mentioned_once()
    {
        bool fired = false;
        _cli.Cluster.OnCall = call =>
        {
            if (!fired && call.Contains("/events", StringComparison.Ordinal))
                (fired, _cli.Cluster.Silent) = (true, 4);
        };

        CallResult result = await _cli.RunAsync(Call);

        Assert.True(fired);
        Assert.Equal(0, result.Status);
        Assert.Equal(1, result.Error.Split('\n').Count(line => line.StartsWith("coordinator not reachable, waiting", StringComparison.Ordinal)));
        Assert.Contains("coordinator is back\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_gives_up_ends_the_call_with_its_reason()
    {
        _cli.Cluster.Steps = -1;
        _cli.Cluster.OnCall = call =>
        {
            if (call.Contains("/events", StringComparison.Ordinal))
                _cli.Embedded.GivesUp.TrySetResult("worker-1 ended 5 times within 60 s. Its last lines: boom");
        };

        CallResult result = await _cli.RunAsync(Call);

        Assert.Equal(1, result.Status);
        Assert.Contains("error: worker-1 ended 5 times", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, _cli.Embedded.Ended);
    }

    [Fact]
    public async Task An_interrupted_call_ends_its_cluster_and_says_how_to_go_on()
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
            Cluster = new ClusterChoice(null, _cli.Path("state")),
        };

        int status = await BenchmarkCommand.RunAsync(run, _cli.Around(error: error), stop.Token);

        Assert.Equal(130, status);
        Assert.Equal(1, _cli.Embedded.Ended);
        string id = RunFolder.Read(_cli.Path("run"))!.Run;
        Assert.Contains($"Go on with: clusterbench resume {id} --state-dir state\n", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--pretrained nothing.pth", "--pretrained: there is no file")]
    [InlineData("--pretrained checkpoint.ptx", "did you mean")]
    [InlineData("--pretrained meta", "is a folder; name a file in it")]
    [InlineData("--epoch 7", "work_dirs/selfsup/epoch_7.pth (configs/selfsup.yaml names no work_dir")]
    public async Task A_missing_checkpoint_is_an_error_that_names_it_and_starts_nothing(string options, string error)
    {
        CallResult result = await _cli.RunAsync(["knn", "configs/selfsup.yaml", .. options.Split(' ')]);

        Assert.Equal(2, result.Status);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
    }

    [Fact]
    public async Task Epoch_takes_the_file_of_the_configs_work_dir()
    {
        _cli.Configs.WorkDir = "pretraining";
        _cli.Write("pretraining/epoch_9.pth", "weights");

        CallResult result = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--epoch", "9", "--dry-run");

        Assert.Equal(0, result.Status);
        Assert.Contains("checkpoint  pretraining/epoch_9.pth", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_list_is_an_error_that_names_it()
    {
        File.Delete(_cli.Path("meta/val.txt"));

        CallResult result = await _cli.RunAsync(Call);

        Assert.Equal(2, result.Status);
        Assert.Contains($"data.val.data_source.list_file: there is no file {_cli.Path("meta/val.txt")}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_work_dir_with_files_but_no_run_is_taken()
    {
        _cli.Write("run/notes.txt", "mine");

        CallResult result = await _cli.RunAsync(Call);

        Assert.Equal(0, result.Status);
        Assert.Equal("mine", await File.ReadAllTextAsync(_cli.Path("run/notes.txt"), TestContext.Current.CancellationToken));
    }

    public void Dispose() => _cli.Dispose();
}
