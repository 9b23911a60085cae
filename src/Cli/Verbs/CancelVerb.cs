using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class CancelVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public static Verb Create() => LookVerb.OfRun(
        new("cancel", "Ends a run of a running cluster. What is finished stays, and 'resume' can go on with it.", VerbGroups.Runs,
            "end a run; what is finished stays", "clusterbench cancel last"),
        RunAsync);

    private static async Task<int> RunAsync(RunSource source, RunView run, bool json, Surroundings around, CancellationToken cancel)
    {
        if (run.Status is RunStates.Completed or RunStates.Failed)
            throw new UserErrorException($"{run.Run} has {run.Status}; there is nothing to cancel.");
        if (source.Live is null)
        {
            throw new UserErrorException($"{run.Run} is {run.Status}, and no cluster is running in {source.Place}: there is nothing to cancel. "
                + $"It stays as it is until 'clusterbench resume {run.Run}'.", ExitCodes.NoCluster);
        }
        await source.Live.CancelAsync(run.Run, cancel).ConfigureAwait(false);
        long start = around.Time.GetTimestamp();
        while (!RunStates.HasEnded(run.Status) && around.Time.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(Poll, around.Time, cancel).ConfigureAwait(false);
            run = await source.AgainAsync(run.Run, cancel).ConfigureAwait(false);
        }
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(run, ApiJson.Default.RunView));
        else
            around.Out.WriteLine(run.Status == RunStates.Canceled ? $"{run.Run} is canceled" : $"{run.Run} was told to end; it is {run.Status}");
        return ExitCodes.Done;
    }
}
