using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class RunsVerb
{
    public static Verb Create()
    {
        var look = new LookSettings();
        var verb = new Verb("runs", "Lists all runs, oldest first. Works without a running cluster, from the journal.")
        {
            Group = VerbGroups.Runs,
            Summary = "all runs",
            Example = "clusterbench runs\nclusterbench runs --json",
            Bind = call =>
            {
                (ClusterChoice cluster, bool json) = look.Read(call);
                return cancel => RunAsync(cluster, json, call.Around, cancel);
            },
        };
        look.AddTo(verb);
        return verb;
    }

    private static async Task<int> RunAsync(ClusterChoice cluster, bool json, Surroundings around, CancellationToken cancel)
    {
        using RunSource source = await RunSource.OpenAsync(cluster, around, cancel).ConfigureAwait(false);
        IReadOnlyList<RunView> runs = await source.RunsAsync(cancel).ConfigureAwait(false);
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(new RunPage(runs, null), ApiJson.Default.RunPage));
        else if (runs.Count == 0)
            around.Error.WriteLine($"No runs in {source.Place}. 'clusterbench demo' makes some; 'clusterbench knn --help' starts your own.");
        else
            around.Out.Write(RunTexts.Table(runs, around));
        return ExitCodes.Done;
    }
}
