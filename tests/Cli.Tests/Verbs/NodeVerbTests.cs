using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Verbs;

public sealed class NodeVerbTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task Coordinator_takes_its_options_and_its_token()
    {
        _cli.Environment["CLUSTERBENCH_TOKEN"] = "s3cret";
        _cli.Environment["CLUSTERBENCH_API_PORT"] = "9000";
        _cli.Write("my.hocon", "");

        CallResult result = await _cli.RunAsync("coordinator", "--host", "head", "--port", "0", "--journal", "sqlite:j.db", "--state-dir", "state", "--hocon", "my.hocon");

        Assert.Equal(0, result.Status);
        Assert.Equal(new Cli.Parts.CoordinatorCall
        {
            Host = "head", Port = 0, ApiPort = 9000, JournalFile = _cli.Path("j.db"), StateDir = _cli.Path("state"), Hocon = _cli.Path("my.hocon"), Token = "s3cret",
        }, _cli.Coordinator.Call);
        Assert.True(Directory.Exists(_cli.Path("state")));
    }

    [Fact]
    public async Task Coordinator_keeps_its_journal_in_the_state_dir_unless_told_otherwise()
    {
        await _cli.RunAsync("coordinator");

        Assert.Equal(_cli.Path("work_dirs/.clusterbench/journal.db"), _cli.Coordinator.Call!.JournalFile);
        Assert.Equal(("127.0.0.1", 4053, 8080), (_cli.Coordinator.Call.Host, _cli.Coordinator.Call.Port, _cli.Coordinator.Call.ApiPort));
    }

    [Fact]
    public async Task A_settings_file_that_is_not_there_is_an_error_that_names_it()
    {
        CallResult coordinator = await _cli.RunAsync("coordinator", "--hocon", "none.hocon");
        CallResult worker = await _cli.RunAsync("worker", "--join", "http://h:1", "--hocon", "none.hocon");

        Assert.All((CallResult[])[coordinator, worker], result =>
        {
            Assert.Equal(2, result.Status);
            Assert.Contains($"--hocon: there is no file {_cli.Path("none.hocon")}", result.Error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Config_show_prints_the_text()
    {
        CallResult result = await _cli.RunAsync("config", "show", "configs/selfsup.yaml", "--format", "json", "--raw", "--set", "a.b=1");

        Assert.Equal((0, "configs/selfsup.yaml json True a.b=1\n"), (result.Status, result.Out));
    }

    [Fact]
    public async Task Extract_backbone_prints_the_report()
    {
        CallResult result = await _cli.RunAsync("extract-backbone", "checkpoint.pth", "out/backbone.pth");

        Assert.Equal((0, "kept 1 tensor\n"), (result.Status, result.Out));
        Assert.True(File.Exists(_cli.Path("out/backbone.pth")));
    }

    public void Dispose() => _cli.Dispose();
}
