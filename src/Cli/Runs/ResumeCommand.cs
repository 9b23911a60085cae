using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Runs;

/// <summary>A call of <c>resume</c>.</summary>
internal sealed record ResumeCall
{
    public required string Run { get; init; }
    public required ClusterChoice Cluster { get; init; }
    public int? Workers { get; init; }
    public bool Detach { get; init; }
    public bool AcceptHardware { get; init; }
    public bool Json { get; init; }
}

/// <summary>Goes on with a run exactly as it was submitted.</summary>
internal static class ResumeCommand
{
    public static async Task<int> RunAsync(ResumeCall call, Surroundings around, CancellationToken cancel)
    {
        if (call.Cluster.Url is null)
            await ClusterFiles.RefuseForeignAsync(call.Cluster, around, cancel).ConfigureAwait(false);
        RunView view = await FindAsync(call, around, cancel).ConfigureAwait(false);
        around.Error.WriteLine($"clusterbench {ProgramVersion.Text}: resume {view.Run} ({view.Status}, {RunTexts.Percent(view.Progress)})");
        if (view.Status == RunStates.Completed)
        {
            around.Error.WriteLine($"{view.Run} is completed; there is nothing to resume");
            if (RunFolder.ReadResults(view.WorkDir) is { } results)
                Outcomes.Print(results, call.Json, around);
            else
                Outcomes.Print(new Finished(view, null, []), call.Json, around);
            return ExitCodes.Done;
        }
        RunFile file = FileOf(view, around);
        Unchanged.Require(file, around.Parts.Files);
        RunConfig config = around.Parts.Configs.Parse(file.Submission.ConfigText);
        var device = new DeviceChoice(config.Device, "as the run has it");
        int workers = BenchmarkCommand.Workers(call.Workers, device, around);
        return await RunCommand.CarryOutAsync(file, workers, device.Device, call.Cluster, call.Detach, call.AcceptHardware, call.Json, around, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// The run, from the cluster or the journal; or from its folder when no journal has it yet: a program that was killed between
    /// writing run.json and submitting.
    /// </summary>
    private static async Task<RunView> FindAsync(ResumeCall call, Surroundings around, CancellationToken cancel)
    {
        using RunSource source = await RunSource.OpenAsync(call.Cluster, around, cancel).ConfigureAwait(false);
        IReadOnlyList<RunView> runs = await source.RunsAsync(cancel).ConfigureAwait(false);
        RunFile? file = RunFolder.Read(around.FullPath(call.Run));
        if (file is null || runs.Any(run => run.Run == file.Run) || file.StateDir != call.Cluster.StateDir)
            return RunNames.Resolve(call.Run, runs, around, source.Place);
        return new RunView
        {
            Run = file.Run, Benchmark = file.Submission.Benchmark, Status = RunStates.Interrupted, Config = file.Submission.Config,
            Checkpoint = file.Submission.Checkpoint.Path, WorkDir = file.Submission.WorkDir, Hash = file.Hash, Progress = 0, Workers = [],
        };
    }

    private static RunFile FileOf(RunView view, Surroundings around)
    {
        RunFile? file = RunFolder.Read(view.WorkDir);
        if (file is null)
        {
            throw new UserErrorException($"{view.Run} cannot be resumed from here: {Path.Combine(view.WorkDir, Places.RunFile)} is not there. "
                + "Give the call that started it once more; it goes on with what is finished.");
        }
        return file.Run == view.Run ? file : throw new UserErrorException($"{view.Run} cannot be resumed: its folder {around.ShownPath(view.WorkDir)} now belongs to {file.Run}. "
            + $"'clusterbench resume {file.Run}' goes on with that one.");
    }
}
