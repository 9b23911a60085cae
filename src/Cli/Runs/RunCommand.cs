using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Progress;

namespace ClusterBench.Cli.Runs;

/// <summary>One run on one cluster, from its first or next step to its results on standard output.</summary>
internal static class RunCommand
{
    /// <summary>Gives a new run an id, writes its run.json and carries it out.</summary>
    /// <param name="replaced">The run that had the folder before; it is told to end.</param>
    public static Task<int> StartNewAsync(PreparedRun prepared, RunFile? replaced, int workers, string device, Surroundings around, CancellationToken cancel)
    {
        RunCall call = prepared.Call;
        return WithClusterAsync(call.Cluster, workers, device, around, call.Json, call.Detach, async (session, progress) =>
        {
            IReadOnlyList<RunView> runs = await session.Patient(progress.Say).AskAsync((api, token) => api.RunsAsync(token), cancel).ConfigureAwait(false);
            if (replaced is not null && runs.FirstOrDefault(run => run.Run == replaced.Run) is { } old && !RunStates.HasEnded(old.Status))
            {
                progress.Say($"ending {old.Run}, whose folder this run takes");
                await session.Patient(progress.Say).AskAsync((api, token) => api.CancelAsync(old.Run, token), cancel).ConfigureAwait(false);
            }
            RunFile file = Register(prepared, replaced, runs, around, call.Cluster.Url is null ? workers : 0);
            progress.Say($"run {file.Run} in {around.ShownPath(prepared.WorkDir)}");
            return file;
        }, acceptHardware: false, cancel);
    }

    /// <summary>Goes on with a run as its run.json has it.</summary>
    public static Task<int> CarryOutAsync(RunFile file, int workers, string device, ClusterChoice cluster, bool detach, bool acceptHardware, bool json,
        Surroundings around, CancellationToken cancel)
    {
        return WithClusterAsync(cluster, workers, device, around, json, detach, (_, _) => Task.FromResult(file), acceptHardware, cancel);
    }

    /// <summary>Chooses the id and writes run.json before the cluster hears of the run, so that the folder always knows it.</summary>
    /// <param name="workers">Workers that are started for it; 0: those of a running cluster.</param>
    public static RunFile Register(PreparedRun prepared, RunFile? replaced, IReadOnlyList<RunView> runs, Surroundings around, int workers = 0)
    {
        var taken = runs.Select(run => run.Run).ToHashSet(StringComparer.Ordinal);
        if (replaced is not null)
            taken.Add(replaced.Run);
        string id = RunIds.New(prepared.Call.Benchmark, around.Time.GetUtcNow(), prepared.Hash, taken);
        var file = new RunFile
        {
            Run = id, Hash = prepared.Hash, StateDir = prepared.Call.Cluster.StateDir, Cluster = prepared.Call.Cluster.Url?.AbsoluteUri,
            ConfigFiles = prepared.ConfigFiles, Submission = prepared.Submission(id, workers),
        };
        RunFolder.RemoveResults(prepared.WorkDir);
        if (replaced is not null)
            RunFolder.RemoveWork(prepared.WorkDir);
        RunFolder.Write(file, around.Parts.Files);
        return file;
    }

    private static async Task<int> WithClusterAsync(ClusterChoice cluster, int workers, string device, Surroundings around, bool json, bool detach,
        Func<RunSession, IProgressView, Task<RunFile>> begin, bool acceptHardware, CancellationToken cancel)
    {
        string run = "last";
        try
        {
            Finished finished = await ProgressViews.RunAsync(around, async progress =>
            {
                RunSession session = await RunSession.OpenAsync(cluster, workers, device, around, progress.Say, cancel).ConfigureAwait(false);
                await using (session.ConfigureAwait(false))
                {
                    RunFile file = await begin(session, progress).ConfigureAwait(false);
                    run = file.Run;
                    if (detach)
                        return new Finished(await session.StartAsync(file.Submission, acceptHardware, progress, cancel).ConfigureAwait(false), null, []);
                    RunView view = await session.CarryOutAsync(file.Submission, acceptHardware, progress, cancel).ConfigureAwait(false);
                    return await Outcomes.CollectAsync(session, view, around, cancel).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
            return detach ? Outcomes.PrintDetached(finished.View, json, around) : Outcomes.Print(finished, json, around);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            around.Error.WriteLine(cluster.Url is null
                ? $"interrupted; what is finished stays. Go on with: clusterbench resume {run}{StateDirOption(cluster, around)}"
                : $"no longer watching; the run goes on in the cluster. 'clusterbench logs {run} -f --cluster {cluster.Url.AbsoluteUri.TrimEnd('/')}' watches, 'clusterbench cancel {run} --cluster ...' ends it.");
            return ExitCodes.Interrupted;
        }
    }

    private static string StateDirOption(ClusterChoice cluster, Surroundings around) =>
        cluster.StateDir == around.FullPath(Places.DefaultStateDir) ? "" : $" --state-dir {around.ShownPath(cluster.StateDir)}";
}
