using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class ReportVerb
{
    public static Verb Create() => LookVerb.OfRun(
        new("report", "Writes report.html and report.md of a completed run into its folder: results, config, hashes, seed, hardware, times.", VerbGroups.Runs,
            "report.html and report.md of a completed run", "clusterbench report last"),
        RunAsync);

    private static async Task<int> RunAsync(RunSource source, RunView run, bool json, Surroundings around, CancellationToken cancel)
    {
        RunResults results = RunFolder.ReadResults(run.WorkDir)
            ?? throw new UserErrorException($"{run.Run} is {run.Status} and {run.WorkDir} holds no results.json: there is nothing to report yet."
                + (run.Status == RunStates.Completed ? "" : $" 'clusterbench resume {run.Run}' goes on with it."), ExitCodes.Failed);
        IReadOnlyList<string> files = around.Parts.Reports.Write(results, run.WorkDir, await source.EventsAsync(run.Run, 0, cancel).ConfigureAwait(false));
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(new ReportFiles(run.Run, [.. files.Select(around.ShownPath)]), CliJson.Default.ReportFiles));
        foreach (string file in json ? [] : files)
            around.Out.WriteLine(around.ShownPath(file));
        return ExitCodes.Done;
    }
}
