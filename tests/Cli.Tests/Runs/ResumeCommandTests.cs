using ClusterBench.Api;
using ClusterBench.Cli.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class ResumeCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_run_that_was_cut_off_goes_on_with_its_own_submission()
    {
        RunFile file = await CutOffAsync();
        _cli.Cluster.Add(file.Submission, "interrupted");

        CallResult result = await _cli.RunAsync("resume", "last", "--workers", "3");

        Assert.Equal(0, result.Status);
        Assert.Equal(3, _cli.Embedded.Started[^1].Workers);
        Assert.Contains($"POST /api/v1/runs/{file.Run}/resume", _cli.Cluster.Calls);
        Assert.Contains("81.40", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_no_journal_knows_yet_is_found_by_its_folder_and_sent()
    {
        RunFile file = await CutOffAsync();
        _cli.Journals.Runs = null;

        CallResult result = await _cli.RunAsync("resume", "run");

        Assert.Equal(0, result.Status);
        Assert.Equal(file.Hash, _cli.Cluster.Submission(file.Run).Hash);
    }

    [Fact]
    public async Task Accept_hardware_is_passed_on()
    {
        RunFile file = await CutOffAsync();
        _cli.Cluster.Add(file.Submission, "failed");

        await _cli.RunAsync("resume", file.Run, "--accept-hardware");

        Assert.Contains($"POST /api/v1/runs/{file.Run}/resume?acceptHardware=true", _cli.Cluster.Calls);
    }

    [Theory]
    [InlineData("checkpoint.pth", "checkpoint")]
    [InlineData("meta/train.txt", "list of train")]
    [InlineData("configs/selfsup.yaml", "config")]
    public async Task A_file_that_changed_meanwhile_is_refused_by_name(string path, string what)
    {
        await CutOffAsync();
        _cli.Write(path, "changed");

        CallResult result = await _cli.RunAsync("resume", "last");

        Assert.Equal(2, result.Status);
        Assert.Contains($"  {what} {_cli.Path(path)}: was SHA-256", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_refused_by_name()
    {
        await CutOffAsync();
        File.Delete(_cli.Path("checkpoint.pth"));

        CallResult result = await _cli.RunAsync("resume", "last");

        Assert.Equal(2, result.Status);
        Assert.Contains($"checkpoint {_cli.Path("checkpoint.pth")}: is gone", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completed_run_prints_its_results()
    {
        await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--work-dir", "run");
        RunFile file = RunFolder.Read(_cli.Path("run"))!;
        _cli.Journals.Runs = [Views.Of(file.Run, workDir: _cli.Path("run"))];

        CallResult result = await _cli.RunAsync("resume", file.Run);

        Assert.Equal(0, result.Status);
        Assert.Contains("81.40", result.Out, StringComparison.Ordinal);
        Assert.Single(_cli.Embedded.Started);
    }

    [Fact]
    public async Task A_run_whose_folder_another_run_took_is_refused()
    {
        RunFile file = await CutOffAsync();
        _cli.Journals.Runs = [Views.Of("knn-20261122-0000", "running", _cli.Path("run"))];

        CallResult result = await _cli.RunAsync("resume", "knn-20261122-0000");

        Assert.Equal(2, result.Status);
        Assert.Contains($"now belongs to {file.Run}", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    /// <summary>A run as a killed program leaves it: run.json is written, the journal has it as running.</summary>
    private async Task<RunFile> CutOffAsync()
    {
        var run = new RunCall
        {
            Benchmark = "knn", Config = "configs/selfsup.yaml", Pretrained = "checkpoint.pth", WorkDir = "run",
            Cluster = new ClusterChoice(null, _cli.Path("work_dirs/.clusterbench")),
        };
        PreparedRun prepared = PreparedRun.Of(run, new Cli.Clusters.DeviceChoice("cpu", ""), _cli.Around());
        RunFile file = RunCommand.Register(prepared, null, [], _cli.Around());
        _cli.Journals.Runs = [Views.Of(file.Run, "running", _cli.Path("run")) with { Hash = file.Hash }];
        await Task.CompletedTask;
        return file;
    }
}
