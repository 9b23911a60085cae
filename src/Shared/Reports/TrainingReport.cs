using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Training;

namespace ClusterBench.Reports;

/// <summary>The section about a training: what was done, its curves, its epochs, and who computed them.</summary>
internal static class TrainingReport
{
    public static List<ReportBlock> Build(TrainingResults results, TrainingLogContent log)
    {
        var blocks = new List<ReportBlock> { Settings(results, log.Lines) };
        if (TrainingCharts.Of(log.Lines, results) is { Count: > 0 } charts)
            blocks.Add(new Charts(charts));
        else
            blocks.Add(new Paragraph("There are no curves: log.json holds no lines."));
        if (log.UnreadableBytes > 0)
        {
            blocks.Add(new Remarks([string.Create(CultureInfo.InvariantCulture,
                $"log.json is damaged: {log.UnreadableBytes:N0} bytes behind its line {log.Lines.Count} cannot be read and are missing here.")], IsWarning: true));
        }

        if (results.PerEpoch.Count > 0)
            blocks.Add(Epochs(results, log.Lines));
        if (results.Gangs.Count > 0)
            blocks.Add(Gangs(results));
        return blocks;
    }

    private static DataTable Settings(TrainingResults results, IReadOnlyList<TrainingLogLine> lines)
    {
        var rows = new List<(string, Cell)>
        {
            ("epochs", Cells.Text(string.Create(CultureInfo.InvariantCulture, $"{results.Epochs:N0} of {results.StepsPerEpoch:N0} steps each, {results.Steps:N0} in all"))),
            ("effective batch", Cells.Text(string.Create(CultureInfo.InvariantCulture,
                $"{results.EffectiveBatch:N0} images: {results.VirtualRanks:N0} virtual ranks x {results.ImagesPerRank:N0} per rank"))),
            ("optimizer", Cells.Text(results.Optimizer)),
            ("schedule", Cells.Text(results.Schedule)),
        };
        var epoch = new EpochLines(lines);
        if (epoch.ImagesPerSecond is { } rate)
            rows.Add(("images per second", Cells.Rate(rate)));
        if (epoch.DataWait is { } share)
            rows.Add(("time spent waiting for images", Cells.Share(share)));
        if (results.PerEpoch.Count > 0)
            rows.Add(("time per epoch, median", Cells.Seconds(Median(results.PerEpoch.Select(static e => e.Seconds)))));
        return RunReport.List("How it was trained", [.. rows]);
    }

    private static DataTable Epochs(TrainingResults results, IReadOnlyList<TrainingLogLine> lines)
    {
        var byEpoch = lines.ToLookup(static l => l.Epoch);
        var grid = new MetricGrid(results.PerEpoch.SelectMany(static e => e.Metrics).GroupBy(static m => m.Key, StringComparer.Ordinal).ToDictionary(static m => m.Key, static m => m.Last().Value, StringComparer.Ordinal));
        string[] measures = [.. grid.Measures.SelectMany(m => grid.Places.Where(p => grid.Value(m, p) is not null).Select(p => p.Length == 0 ? m : $"{m}@{p}"))];
        return new DataTable("Epochs: means of the lines of log.json in training, all images in validation",
            ["epoch", "steps", "rate", "loss", "train top-1", .. measures.Select(static m => "val " + Name(m)), "images/s", "data wait", "time"],
            [.. results.PerEpoch.Select(e => Row(e, new EpochLines(byEpoch[e.Epoch]), measures))]);
    }

    private static IReadOnlyList<Cell> Row(EpochOutcome epoch, EpochLines lines, string[] measures) =>
    [
        Cells.Text(epoch.Epoch.ToString(CultureInfo.InvariantCulture)), Cells.Count(epoch.Step), OrDash(lines.LearningRate, Cells.Number), OrDash(lines.Loss, Cells.Number),
        OrDash(lines.Top1, Percent), .. measures.Select(m => OrDash(epoch.Metrics.TryGetValue(m, out double value) ? value : null, Percent)),
        OrDash(lines.ImagesPerSecond, Cells.Rate), OrDash(lines.DataWait, Cells.Share), Cells.Seconds(epoch.Seconds),
    ];

    private static DataTable Gangs(TrainingResults results) => new("Who trained", ["generation", "from step", "time", "workers", "members", "state from", "why"],
        [.. results.Gangs.Select(static g => (IReadOnlyList<Cell>)
        [
            Cells.Text(g.Generation.ToString(CultureInfo.InvariantCulture)), Cells.Count(g.FromStep), Cells.Time(g.At), Cells.Count(g.Members.Count),
            Cells.Text(string.Join(", ", g.Members)), Cells.Text(g.Source), Cells.Text(g.Reason),
        ])]);

    // Bars in so many columns would be wider than a page.
    private static Cell Percent(double value) => Cells.Metric(value) with { Percent = null };

    private static Cell OrDash(double? value, Func<double, Cell> cell) => value is { } number ? cell(number) : Cells.Text("-") with { IsNumber = true };

    private static string Name(string metric) => MetricName.Parse(metric) is var name && name.At.Length == 0
        ? MetricName.Display(name.Measure)
        : $"{MetricName.Display(name.Measure)} {name.At}";

    private static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }
}
