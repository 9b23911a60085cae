using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class WorkersVerb
{
    public static Verb Create() => LookVerb.Of(
        new("workers", "Lists the workers of a running cluster.", VerbGroups.Cluster, "the workers that a cluster has", "clusterbench workers --cluster http://head-node:8080"),
        RunAsync);

    private static async Task<int> RunAsync(RunSource source, bool json, Surroundings around, CancellationToken cancel)
    {
        if (source.Live is null)
        {
            throw new UserErrorException($"no cluster reachable: none is running in {source.Place}. Name one with --cluster URL, or the embedded one's folder with --state-dir.",
                ExitCodes.NoCluster);
        }
        IReadOnlyList<WorkerView> workers = await source.Live.WorkersAsync(cancel).ConfigureAwait(false);
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(new WorkerPage(workers, null), ApiJson.Default.WorkerPage));
        else if (workers.Count == 0)
            around.Error.WriteLine($"No workers in {source.Place}. Start one with 'clusterbench worker --join {source.Live.Url.AbsoluteUri.TrimEnd('/')}'.");
        else
            around.Out.Write(RunTexts.Table(workers));
        return ExitCodes.Done;
    }
}
