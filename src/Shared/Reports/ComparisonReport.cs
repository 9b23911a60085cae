using System.Globalization;
using ClusterBench.Api;

namespace ClusterBench.Reports;

/// <summary>The document that sets runs of one benchmark side by side.</summary>
internal static class ComparisonReport
{
    public static ReportDocument Build(IReadOnlyList<RunResults> runs)
    {
        string[] labels = Labels(runs);
        var sections = new List<ReportSection> { new("Results", Results(runs, labels)) };
        string[] cautions = [.. Cautions(runs), .. runs.SelectMany((r, i) => r.Notes.Select(n => $"{labels[i]}: {n}"))];
        if (cautions.Length > 0)
            sections.Add(new("Notes", [new Remarks(cautions)]));
        sections.Add(new("The runs", [Facts(runs, labels)]));
        string benchmarks = string.Join(", ", runs.Select(static r => r.Benchmark).Distinct(StringComparer.Ordinal));
        return new ReportDocument($"{benchmarks}: {string.Join(" against ", labels)}",
            string.Create(CultureInfo.InvariantCulture, $"{runs.Count} runs, the last one completed on {Cells.At(runs.Max(static r => r.CompletedAt))}."), sections);
    }

    private static List<ReportBlock> Results(IReadOnlyList<RunResults> runs, string[] labels)
    {
        var all = new MetricGrid(runs.SelectMany(static r => r.Metrics.Keys).Distinct(StringComparer.Ordinal).ToDictionary(static k => k, static _ => 0.0, StringComparer.Ordinal));
        if (all.Measures.Count == 0)
            return [new Paragraph("None of the runs reports a number.")];
        var grids = runs.Select(static r => new MetricGrid(r.Metrics)).ToArray();
        return [.. all.Measures.Select(measure => Table(all, grids, labels, measure))];
    }

    private static DataTable Table(MetricGrid all, MetricGrid[] grids, string[] labels, string measure)
    {
        var rows = new List<IReadOnlyList<Cell>>();
        foreach (string place in all.Places)
        {
            double?[] values = [.. grids.Select(g => g.Value(measure, place))];
            if (values.All(static v => v is null))
                continue;
            List<Cell> row = [Cells.Text(all.PlaceLabel(place)), .. values.Select(static v => v is { } x ? Cells.Metric(x) : Cells.Text("-"))];
            if (values.Length == 2)
                row.Add(values[0] - values[1] is { } difference ? Cells.Points(difference) : Cells.Text("-"));
            rows.Add(row);
        }

        string[] last = labels.Length == 2 ? ["difference in points"] : [];
        return new DataTable($"{MetricName.Display(measure)} in percent", [all.SharedKey ?? "", .. labels, .. last], rows);
    }

    private static DataTable Facts(IReadOnlyList<RunResults> runs, string[] labels)
    {
        IReadOnlyList<Cell> Row(string name, Func<RunResults, Cell> value) => [Cells.Text(name), .. runs.Select(r => value(r) with { IsNumber = false })];
        return new DataTable("What the numbers rest on", ["", .. labels],
        [
            Row("run", static r => Cells.Code(r.Run)),
            Row("status", static r => Cells.Text(r.Status)),
            Row("checkpoint", static r => Cells.Code(r.Checkpoint.Path)),
            Row("SHA-256 of the checkpoint", static r => Cells.Code(r.Checkpoint.Sha256)),
            Row("config", static r => Cells.Code(r.Config)),
            Row("hash of the run", static r => Cells.Code(r.Hash)),
            Row("features", static r => Cells.Text(string.Join(", ", r.Dimensions.Select(static d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} ({d.Value})"))))),
            Row("seed", static r => Cells.Text(r.Seed.ToString(CultureInfo.InvariantCulture))),
            Row("threads per rank", static r => Cells.Text(r.Threads.ToString(CultureInfo.InvariantCulture))),
            Row("precision", static r => Cells.Text(r.Precision)),
            Row("recoveries", static r => Cells.Count(r.Recoveries)),
            Row("time", static r => Cells.Seconds(r.Seconds)),
            Row("work dir", static r => Cells.Code(r.WorkDir)),
        ]);
    }

    // A table invites to compare: it has to say where that is not fair.
    private static IEnumerable<string> Cautions(IReadOnlyList<RunResults> runs)
    {
        if (Differ(runs, static r => r.Benchmark))
            yield return "The runs are of different benchmarks.";
        if (Differ(runs, static r => r.ConfigSha256))
            yield return "The resolved configs differ: look at the config.yaml of both before comparing the numbers.";
        if (Differ(runs, static r => string.Join(' ', r.Lists.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => l.Value.Sha256))))
            yield return "The image lists differ: the numbers come from different data.";
        foreach (var run in runs.Where(static r => r.Status != "completed"))
            yield return $"Run {run.Run} is {run.Status}{(run.Error is null ? "" : $": {run.Error}")}.";
    }

    private static bool Differ(IReadOnlyList<RunResults> runs, Func<RunResults, string> key) =>
        runs.Select(key).Distinct(StringComparer.Ordinal).Skip(1).Any();

    // The checkpoint's name, which is what a reader compares; the run's id where that is not enough.
    private static string[] Labels(IReadOnlyList<RunResults> runs)
    {
        string[] names = [.. runs.Select(static r => Path.GetFileNameWithoutExtension(r.Checkpoint.Path))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : [.. runs.Select((r, i) => $"{names[i]} ({r.Run})")];
    }
}
