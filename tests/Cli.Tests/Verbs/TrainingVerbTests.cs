using ClusterBench.Api;
using ClusterBench.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Verbs;

public sealed class TrainingVerbTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    private async Task<RunSubmission> SubmittedAsync(params string[] words)
    {
        CallResult result = await _cli.RunAsync([.. words, "--device", "cpu", "--work-dir", "here"]);
        Assert.True(result.Status == 0, result.Error);
        string run = ClusterBench.Cli.Runs.RunFolder.Read(_cli.Path("here"))!.Run;
        return _cli.Cluster.Submission(run);
    }

    [Fact]
    public async Task Linear_submits_the_checkpoint_both_lists_and_the_interval()
    {
        RunSubmission sent = await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth", "--workers", "2", "--checkpoint-interval", "2m");

        Assert.Equal(("linear", 120, 2), (sent.Benchmark, sent.CheckpointSeconds, sent.ExpectedWorkers));
        Assert.StartsWith("linear-20261123-", sent.Run, StringComparison.Ordinal);
        Assert.Equal(_cli.Path("checkpoint.pth"), sent.Checkpoint.Path);
        Assert.Equal(["train", "val"], sent.Lists.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((40, 20), (sent.Images["train"], sent.Images["val"]));
        Assert.Null(_cli.Configs.LastRequest!.Threads);
        Assert.Equivalent(sent, sent.ToMessage().ToRecord(), strict: true);
    }

    [Fact]
    public async Task The_interval_changes_no_number_so_it_is_not_in_the_hash()
    {
        RunSubmission usual = await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth");
        RunSubmission other = await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth", "--checkpoint-interval", "5s", "--fresh");

        Assert.Equal((600, 5), (usual.CheckpointSeconds, other.CheckpointSeconds));
        Assert.Equal(usual.Hash, other.Hash);
        Assert.NotEqual(usual.Run, other.Run);
    }

    [Fact]
    public async Task Finetune_from_scratch_submits_no_file_and_is_another_run_than_from_a_checkpoint()
    {
        RunSubmission scratch = await SubmittedAsync("finetune", "configs/selfsup.yaml", "none");
        Assert.True(scratch.Checkpoint.IsNone);
        Assert.True(scratch.ToMessage().ToRecord().Checkpoint.IsNone);

        CallResult again = await _cli.RunAsync("finetune", "configs/selfsup.yaml", "none", "--device", "cpu", "--work-dir", "here");
        Assert.Contains("is completed; its results stand in here", again.Error, StringComparison.Ordinal);
        CallResult other = await _cli.RunAsync("finetune", "configs/selfsup.yaml", "checkpoint.pth", "--device", "cpu", "--work-dir", "here");
        Assert.Equal(2, other.Status);
        Assert.Contains("belongs to another run", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_from_scratch_can_be_resumed()
    {
        _cli.Cluster.End = "interrupted";
        CallResult first = await _cli.RunAsync("finetune", "configs/selfsup.yaml", "none", "--device", "cpu", "--work-dir", "here");
        Assert.Equal(130, first.Status);
        _cli.Cluster.End = "completed";
        string run = ClusterBench.Cli.Runs.RunFolder.Read(_cli.Path("here"))!.Run;
        _cli.Journals.Runs = [Fakes.Views.Of(run, "interrupted", _cli.Path("here"))];

        CallResult resumed = await _cli.RunAsync("resume", run);

        Assert.True(resumed.Status == 0, resumed.Error);
    }

    [Fact]
    public async Task A_new_run_in_the_folder_of_another_removes_its_checkpoints_and_logs_and_nothing_else()
    {
        await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth");
        foreach (string file in (string[])["checkpoints/step_8-g1-x.pth", "epoch_1.pth", "log.json", "events.out.tfevents.1.x", "notes.txt"])
            _cli.Write("here/" + file, "old");

        await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth", "--seed", "1", "--fresh");

        Assert.False(Directory.Exists(_cli.Path("here/checkpoints")));
        Assert.Equal(["notes.txt"], Directory.EnumerateFiles(_cli.Path("here")).Where(file => File.ReadAllText(file) == "old").Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("error: PRETRAIN none: linear evaluates a pretrained backbone; name a checkpoint", "linear", "configs/selfsup.yaml", "none")]
    [InlineData("error: --checkpoint-interval: '10' is not a time like 90s, 10m or 2h, from 1s to 24h", "linear", "configs/selfsup.yaml", "checkpoint.pth", "--checkpoint-interval", "10")]
    [InlineData("error: --checkpoint-interval: '0s' is not a time", "linear", "configs/selfsup.yaml", "checkpoint.pth", "--checkpoint-interval", "0s")]
    [InlineData("error: --checkpoint-interval: '25h' is not a time", "finetune", "configs/selfsup.yaml", "checkpoint.pth", "--checkpoint-interval", "25h")]
    [InlineData("did you mean", "linear", "configs/selfsup.yaml", "checkpoin.pth")]
    [InlineData("PRETRAIN: there is no file ", "finetune", "configs/selfsup.yaml", "gone.bin")]
    [InlineData("needs --cluster URL", "finetune", "configs/selfsup.yaml", "checkpoint.pth", "--detach")]
    public async Task A_wrong_call_is_refused_before_anything_starts(string error, params string[] words)
    {
        CallResult result = await _cli.RunAsync(words);

        Assert.Equal(2, result.Status);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
    }

    [Fact]
    public async Task The_interval_can_come_from_the_environment()
    {
        _cli.Environment["CLUSTERBENCH_CHECKPOINT_INTERVAL"] = "1h";

        Assert.Equal(3600, (await SubmittedAsync("linear", "configs/selfsup.yaml", "checkpoint.pth")).CheckpointSeconds);
    }

    [Fact]
    public async Task A_list_that_gives_no_step_is_refused_before_anything_starts()
    {
        _cli.Write("meta/train.txt", "a.png 0\n");
        _cli.Configs.Training = _cli.Configs.Training with { DropLast = true };

        CallResult result = await _cli.RunAsync("linear", "configs/selfsup.yaml", "checkpoint.pth", "--device", "cpu");

        Assert.Equal(2, result.Status);
        Assert.Empty(_cli.Embedded.Started);
    }
}
