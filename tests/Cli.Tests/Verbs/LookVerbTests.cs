using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Verbs;

public sealed class LookVerbTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task Runs_without_a_journal_prints_an_empty_list()
    {
        CallResult result = await _cli.RunAsync("runs", "--json");

        Assert.Equal(0, result.Status);
        Assert.Equal("{\"runs\":[]}\n", result.Out);
    }

    [Fact]
    public async Task Runs_shows_what_was_cut_off_as_interrupted()
    {
        _cli.Journals.Runs = [Views.Of("knn-1", "running"), Views.Of("knn-2")];

        CallResult text = await _cli.RunAsync("runs");
        CallResult json = await _cli.RunAsync("runs", "--json");

        Assert.Matches("knn-1 +knn +interrupted +50 %", text.Out);
        RunPage page = JsonSerializer.Deserialize(json.LastLine, ApiJson.Default.RunPage)!;
        Assert.Equal(["interrupted", "completed"], page.Runs.Select(run => run.Status));
    }

    [Fact]
    public async Task Status_shows_all_fields()
    {
        _cli.Journals.Runs = [Views.Of("knn-1", workDir: _cli.Path("work_dirs/a")) with { Metrics = new Dictionary<string, double> { ["top1@k=20"] = 71.25 }, Recoveries = 2 }];

        CallResult result = await _cli.RunAsync("status", "last");

        Assert.Equal(0, result.Status);
        foreach (string line in (string[])["run         knn-1", "status      completed", "work dir    work_dirs/a", "recoveries  2", "progress    100 %, 3/6 shards", "   20      71.25        -"])
            Assert.Contains(line + "\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_prints_each_event_as_text_or_as_an_object()
    {
        _cli.Journals.Runs = [Views.Of("knn-1")];
        _cli.Journals.Events.Add(new EventView { Seq = 1, At = DateTimeOffset.UnixEpoch, Type = "PlanMade", Text = "6 shards" });

        CallResult text = await _cli.RunAsync("logs", "knn-1", "-f");
        CallResult json = await _cli.RunAsync("logs", "knn-1", "--json");

        Assert.Equal("1970-01-01 00:00:00.000Z     1  PlanMade         6 shards\n", text.Out);
        Assert.Equal("6 shards", JsonSerializer.Deserialize(json.LastLine, ApiJson.Default.EventView)!.Text);
    }

    [Fact]
    public async Task Cancel_without_a_cluster_is_status_3_and_says_that_the_run_stays()
    {
        _cli.Journals.Runs = [Views.Of("knn-1", "running")];

        CallResult result = await _cli.RunAsync("cancel", "last");

        Assert.Equal(3, result.Status);
        Assert.Contains("knn-1 is interrupted, and no cluster is running in work_dirs/.clusterbench", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_of_a_completed_run_is_refused()
    {
        _cli.Journals.Runs = [Views.Of("knn-1")];

        CallResult result = await _cli.RunAsync("cancel", "last");

        Assert.Equal((2, "error: knn-1 has completed; there is nothing to cancel.\n"), (result.Status, result.Error));
    }

    [Fact]
    public async Task Workers_without_a_cluster_is_status_3()
    {
        CallResult result = await _cli.RunAsync("workers");

        Assert.Equal(3, result.Status);
        Assert.Contains("no cluster reachable: none is running in work_dirs/.clusterbench", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_status_3_and_named()
    {
        CallResult result = await _cli.RunAsync("runs", "--cluster", "http://127.0.0.1:1");

        Assert.Equal(3, result.Status);
        Assert.Contains("error: no cluster reachable at http://127.0.0.1:1: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_writes_both_files_of_a_completed_run_and_prints_their_paths()
    {
        RunSubmission submission = Views.Submission(_cli.Path("run"));
        Views.WriteResults(submission);
        _cli.Journals.Runs = [Views.Of(submission.Run, workDir: _cli.Path("run"))];

        CallResult result = await _cli.RunAsync("report", "run");

        Assert.Equal((0, "run/report.html\nrun/report.md\n"), (result.Status, result.Out));
        Assert.True(File.Exists(_cli.Path("run/report.md")));
    }

    [Fact]
    public async Task Report_of_an_unfinished_run_says_so()
    {
        _cli.Journals.Runs = [Views.Of("knn-1", "running", _cli.Path("run"))];

        CallResult result = await _cli.RunAsync("report", "knn-1");

        Assert.Equal(1, result.Status);
        Assert.Contains("there is nothing to report yet. 'clusterbench resume knn-1' goes on with it.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_dir_with_a_cluster_of_another_process_takes_no_run()
    {
        using var server = new FakeServer(_cli.Cluster);
        _cli.Write("work_dirs/.clusterbench/cluster.json", JsonSerializer.Serialize(
            new ClusterFile { Url = server.Url, Token = "secret", Pid = Environment.ProcessId, CoordinatorPid = 1 }, ApiJson.Default.ClusterFile));

        CallResult result = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth");

        Assert.Equal(2, result.Status);
        Assert.Contains($"(pid {Environment.ProcessId}) runs in work_dirs/.clusterbench", result.Error, StringComparison.Ordinal);
        Assert.Contains("--state-dir OTHER_DIR", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
    }

    [Fact]
    public async Task A_state_dir_with_a_cluster_of_another_process_can_be_asked_and_told_to_cancel()
    {
        using var server = new FakeServer(_cli.Cluster);
        _cli.Write("work_dirs/.clusterbench/cluster.json", JsonSerializer.Serialize(
            new ClusterFile { Url = server.Url, Token = "secret", Pid = Environment.ProcessId, CoordinatorPid = 1 }, ApiJson.Default.ClusterFile));
        _cli.Cluster.Add(Views.Submission(_cli.Path("run")), "running");
        _cli.Cluster.Workers.Add(new WorkerView { Id = "w-1", Incarnation = "i", Host = "here", Pid = 7, Device = "cpu", State = "busy", Run = "knn-20261123-1234" });

        CallResult status = await _cli.RunAsync("status", "last", "--json");
        CallResult workers = await _cli.RunAsync("workers");
        CallResult cancel = await _cli.RunAsync("cancel", "knn-");

        Assert.Equal("running", JsonSerializer.Deserialize(status.LastLine, ApiJson.Default.RunView)!.Status);
        Assert.Matches("w-1 +here +7 +cpu +busy +knn-20261123-1234", workers.Out);
        Assert.Equal((0, "knn-20261123-1234 is canceled\n"), (cancel.Status, cancel.Out));
        Assert.All(server.Tokens, token => Assert.Equal("Bearer secret", token));
    }

    [Fact]
    public async Task A_cluster_file_of_a_process_that_is_gone_is_ignored()
    {
        _cli.Write("work_dirs/.clusterbench/cluster.json", JsonSerializer.Serialize(
            new ClusterFile { Url = "http://127.0.0.1:1", Token = "secret", Pid = 4_194_400, CoordinatorPid = 1 }, ApiJson.Default.ClusterFile));

        CallResult result = await _cli.RunAsync("runs", "--json");

        Assert.Equal((0, "{\"runs\":[]}\n"), (result.Status, result.Out));
    }

    public void Dispose() => _cli.Dispose();
}
