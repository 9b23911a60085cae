using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class RunsVerb
{
    public static Verb Create() => LookVerb.Of(
        new("runs", "Lists all runs, oldest first. Works without a running cluster, from the journal.", VerbGroups.Runs, "all runs", "clusterbench runs\nclusterbench runs --json"),
        RunAsync);

    private static async Task<int> RunAsync(RunSource source, bool json, Surroundings around, CancellationToken cancel)
    {
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
