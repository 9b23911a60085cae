using ClusterBench.Cli.Clusters;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Clusters;

public sealed class WorkerProgramTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Theory]
    [InlineData("install", "install/worker/clusterbench-worker")]
    [InlineData("bin/Cli/release", "bin/GpuWorker/release/clusterbench-worker")]
    public void It_is_found_beside_the_program_and_in_the_build_tree(string program, string worker)
    {
        _cli.Write(worker, "");

        Assert.Equal(_cli.Path(worker), WorkerProgram.Find(_cli.Path(program) + "/").Path);
    }

    [Fact]
    public void Its_absence_is_said_with_both_places()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => WorkerProgram.Find(_cli.Path("bin/Cli/release")));

        Assert.Contains(_cli.Path("bin/Cli/release/worker/clusterbench-worker"), error.Message, StringComparison.Ordinal);
        Assert.Contains(_cli.Path("bin/GpuWorker/release/clusterbench-worker"), error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.ExitCode);
    }

    [Fact]
    public async Task Its_output_and_exit_status_are_passed_on()
    {
        string script = _cli.Write("worker.sh", "#!/bin/sh\ncat\necho \"$@\"\necho trouble >&2\nexit 4\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var output = new StringWriter();
        var error = new StringWriter();

        int status = await new WorkerProgram(script).AskAsync(["model-show", "--format", "json"], "text\n", _cli.Around(output, error), TestContext.Current.CancellationToken);

        Assert.Equal((4, "text\nmodel-show --format json\n", "trouble\n"), (status, output.ToString(), error.ToString()));
    }

    public void Dispose() => _cli.Dispose();
}
