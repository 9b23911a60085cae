using System.CommandLine;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class ReportVerb
{
    public static Verb Create()
    {
        var look = new LookSettings();
        Argument<string> run = LookSettings.Run();
        var verb = new Verb("report", "Writes report.html and report.md of a completed run into its folder: results, config, hashes, seed, hardware, times.")
        {
            Group = VerbGroups.Runs,
            Summary = "report.html and report.md of a completed run",
            Example = "clusterbench report last",
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
        RunResults results = RunFolder.ReadResults(view.WorkDir)
            ?? throw new UserErrorException($"{view.Run} is {view.Status} and {view.WorkDir} holds no results.json: there is nothing to report yet."
                + (view.Status == RunStates.Completed ? "" : $" 'clusterbench resume {view.Run}' goes on with it."), ExitCodes.Failed);
        IReadOnlyList<string> files = around.Parts.Reports.Write(results, view.WorkDir, await source.EventsAsync(view.Run, 0, cancel).ConfigureAwait(false));
        if (json)
            around.Out.WriteLine(JsonSerializer.Serialize(new ReportFiles(view.Run, [.. files.Select(around.ShownPath)]), CliJson.Default.ReportFiles));
        foreach (string file in json ? [] : files)
            around.Out.WriteLine(around.ShownPath(file));
        return ExitCodes.Done;
    }
}
