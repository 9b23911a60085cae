using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Runs;

/// <summary>A run that has ended (or was left), its results where they can be read, and the report's files.</summary>
internal sealed record Finished(RunView View, RunResults? Results, IReadOnlyList<string> Report);

/// <summary>How a run's end is told: results on standard output, an error on standard error, and the exit status.</summary>
internal static class Outcomes
{
    /// <summary>Waits for results.json of a completed run and writes its report.</summary>
    public static async Task<Finished> CollectAsync(RunSession session, RunView view, Surroundings around, CancellationToken cancel)
    {
        if (view.Status != RunStates.Completed)
            return new Finished(view, null, []);
        RunResults? results = await session.ResultsAsync(view, cancel).ConfigureAwait(false);
        if (results is null)
        {
            around.Error.WriteLine($"note: {Path.Combine(view.WorkDir, Places.ResultsFile)} is not to be seen from here; 'clusterbench report {view.Run}' makes the report where it is.");
            return new Finished(view, null, []);
        }
        List<EventView> events = await session.Patient(around.Error.WriteLine).AskAsync((api, token) => Events.AllAsync(api, view.Run, 0, token), cancel).ConfigureAwait(false);
        return new Finished(view, results, around.Parts.Reports.Write(results, view.WorkDir, events));
    }

    public static RunOutcome Of(Finished finished, Surroundings around) => new()
    {
        Run = finished.View.Run,
        Benchmark = finished.View.Benchmark,
        Status = finished.View.Status,
        WorkDir = around.ShownPath(finished.View.WorkDir),
        Metrics = finished.Results?.Metrics ?? finished.View.Metrics ?? new Dictionary<string, double>(StringComparer.Ordinal),
        Seconds = finished.Results?.Seconds ?? finished.View.Seconds,
        Error = finished.View.Error,
    };

    public static int Print(Finished finished, bool json, Surroundings around)
    {
        RunView view = finished.View;
        if (view.Status == RunStates.Completed)
            Print(Of(finished, around), finished.Report, OutFiles(finished.Results, around), json, around);
        else
        {
            around.Error.WriteLine(view.Status == RunStates.Failed ? $"error: {view.Run} failed: {view.Error ?? "the coordinator gave no reason"}" : $"{view.Run} is {view.Status}");
            around.Error.WriteLine($"'clusterbench logs {view.Run}' shows what happened; 'clusterbench resume {view.Run}' goes on.");
            if (json)
                PrintJson(Of(finished, around), around);
        }
        return view.Status switch
        {
            RunStates.Completed => ExitCodes.Done,
            RunStates.Interrupted => ExitCodes.Interrupted,
            _ => ExitCodes.Failed,
        };
    }

    /// <summary>The results of a run that had completed before.</summary>
    public static void Print(RunResults results, bool json, Surroundings around)
    {
        string[] report = [.. new[] { "report.html", "report.md" }.Select(name => Path.Combine(results.WorkDir, name)).Where(File.Exists)];
        var outcome = new RunOutcome
        {
            Run = results.Run, Benchmark = results.Benchmark, Status = results.Status, WorkDir = around.ShownPath(results.WorkDir),
            Metrics = results.Metrics, Seconds = results.Seconds, Error = results.Error, Children = results.Children,
        };
        Print(outcome, report, OutFiles(results, around), json, around);
    }

    public static int PrintDetached(RunView view, bool json, Surroundings around)
    {
        if (json)
            PrintJson(Of(new Finished(view, null, []), around), around);
        else
            around.Out.WriteLine(view.Run);
        return ExitCodes.Done;
    }

    public static void PrintJson(RunOutcome outcome, Surroundings around) =>
        around.Out.WriteLine(JsonSerializer.Serialize(outcome, ApiJson.Default.RunOutcome));

    private static void Print(RunOutcome outcome, IReadOnlyList<string> report, IReadOnlyList<string> files, bool json, Surroundings around)
    {
        if (json)
        {
            PrintJson(outcome, around);
            return;
        }
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{outcome.Run}  {outcome.Status} in {outcome.Seconds:0.0} s").AppendLine();
        if (outcome.Metrics.Count > 0)
            text.Append(MetricsTable.Of([("", outcome.Metrics)])).AppendLine();
        foreach (string file in files)
            text.AppendLine($"features  {file}");
        text.AppendLine($"work dir  {outcome.WorkDir}");
        if (report.Count > 0)
            text.AppendLine($"report    {around.ShownPath(report[0])}");
        around.Out.Write(text);
    }

    private static List<string> OutFiles(RunResults? results, Surroundings around)
    {
        string? folder = results is { Benchmark: "features" } ? RunFolder.Read(results.WorkDir)?.Submission.OutDir : null;
        return folder is null || !Directory.Exists(folder) ? []
            : [.. Directory.EnumerateFiles(folder, "*.npy").Order(StringComparer.Ordinal).Select(around.ShownPath)];
    }
}
