using System.CommandLine;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class StatusVerb
{
    public static Verb Create()
    {
        var look = new LookSettings();
        Argument<string> run = LookSettings.Run();
        var verb = new Verb("status", "Shows where a run stands. Works without a running cluster, from the journal.")
        {
            Group = VerbGroups.Runs,
            Summary = "where a run stands",
            Example = "clusterbench status last",
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
        around.Out.Write(json ? JsonSerializer.Serialize(view, ApiJson.Default.RunView) + "\n" : RunTexts.Sheet(view, around));
        return ExitCodes.Done;
    }
}
