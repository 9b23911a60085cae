using System.CommandLine;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class CancelVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public static Verb Create()
    {
        var look = new LookSettings();
        Argument<string> run = LookSettings.Run();
        var verb = new Verb("cancel", "Ends a run of a running cluster. What is finished stays, and 'resume' can go on with it.")
        {
            Group = VerbGroups.Runs,
            Summary = "end a run; what is finished stays",
            Example = "clusterbench cancel last",
            Bind = call =>
            {
                (ClusterChoice cluster, bool json) = look.Read(call);
                string name = call.Argument(run);
                return cancel => RunAsync(name, cluster, json, call.Around, cancel);
            },
        };
        verb.Arguments.Add(run);
        look.AddTo(verb);
        return verb;
    }

    private static async Task<int> RunAsync(string name, ClusterChoice cluster, bool json, Surroundings around, CancellationToken cancel)
    {
        using RunSource source = await RunSource.OpenAsync(cluster, around, cancel).ConfigureAwait(false);
        RunView view = await source.FindAsync(name, cancel).ConfigureAwait(false);
        if (view.Status is RunStates.Completed or RunStates.Failed)
            throw new UserErrorException($"{view.Run} has {view.Status}; there is nothing to cancel.");
        if (source.Live is null)
        {
            throw new UserErrorException($"{view.Run} is {view.Status}, and no cluster is running in {source.Place}: there is nothing to cancel. "
                + $"It stays as it is until 'clusterbench resume {view.Run}'.", ExitCodes.NoCluster);
        }
        await source.Live.CancelAsync(view.Run, cancel).ConfigureAwait(false);
        long start = around.Time.GetTimestamp();
        while (!RunStates.HasEnded(view.Status) && around.Time.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(Poll, around.Time, cancel).ConfigureAwait(false);
            view = await source.AgainAsync(view.Run, cancel).ConfigureAwait(false);
        }
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(view, ApiJson.Default.RunView));
        else
            around.Out.WriteLine(view.Status == RunStates.Canceled ? $"{view.Run} is canceled" : $"{view.Run} was told to end; it is {view.Status}");
        return ExitCodes.Done;
    }
}
