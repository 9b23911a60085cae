using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class StatusVerb
{
    public static Verb Create() => LookVerb.OfRun(
        new("status", "Shows where a run stands. Works without a running cluster, from the journal.", VerbGroups.Runs, "where a run stands", "clusterbench status last"),
        (_, run, json, around, _) =>
        {
            around.Out.Write(json ? JsonSerializer.Serialize(run, ApiJson.Default.RunView) + "\n" : RunTexts.Sheet(run, around));
            return Task.FromResult(ExitCodes.Done);
        });
}
