using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Training;

namespace ClusterBench.Reports;

/// <summary>The document about one run: its results, what they rest on, and how it went.</summary>
internal static class RunReport
{
    public static ReportDocument Build(RunResults results, IReadOnlyList<EventView> events, string? configText, TrainingLogContent? log)
    {
        var sections = new List<ReportSection> { new("Results", Results(results)) };
        if (results.Notes.Count > 0)
            sections.Add(new("Notes", [new Remarks(results.Notes)]));
        if (results.Training is { } training)
            sections.Add(new("Training", TrainingReport.Build(training, log ?? new([], 0))));
        sections.Add(new("What was evaluated", [Inputs(results), Settings(results)]));
        sections.Add(new("Time", [Timings(results)]));
        sections.Add(new("Machine and versions", [Pairs("Hardware", results.Hardware), Pairs("Versions", results.Versions)]));
        sections.Add(new("To repeat it", Repeat(results)));
        if (configText is not null)
            sections.Add(new("Resolved config", [new CodeBlock(configText, "yaml")]));
        sections.Add(new("Journal", [Journal.Table(events)]));
        return new ReportDocument($"{results.Benchmark} of {Path.GetFileName(results.Checkpoint.Path)}", Lead(results), sections);
    }

    private static string Lead(RunResults results)
    {
        string survived = results.Recoveries switch
        {
            0 => "nothing was lost on the way",
            1 => "1 loss of a process was survived",
            var n => string.Create(CultureInfo.InvariantCulture, $"{n} losses of processes were survived"),
        };
        return $"Run {results.Run}: {results.Status} on {Cells.At(results.CompletedAt)} after {Cells.Duration(results.Seconds)}; {survived}.";
    }

    private static List<ReportBlock> Results(RunResults results)
    {
        var blocks = new List<ReportBlock>();
        if (results.Error is not null)
            blocks.Add(new Remarks([results.Error], IsWarning: true));
        if (results.Metrics.Count > 0)
            blocks.Add(MetricTable(results));
        else
            blocks.Add(new Paragraph(results.Error is null ? "This benchmark reports no numbers; its files lie in the folders below." : "There are no numbers."));
        return blocks;
    }

    private static DataTable MetricTable(RunResults results)
    {
        var grid = new MetricGrid(results.Metrics);
        var rows = grid.Places.Select(place => (IReadOnlyList<Cell>)
            [Cells.Text(grid.PlaceLabel(place)), .. grid.Measures.Select(m => grid.Value(m, place) is { } v ? Cells.Metric(v) : Cells.Text("-"))]);
        return new DataTable("Accuracy in percent", [grid.SharedKey ?? "", .. grid.Measures.Select(MetricName.Display)], [.. rows]);
    }

    private static DataTable Inputs(RunResults results)
    {
        var files = new List<IReadOnlyList<Cell>> { File("checkpoint", results.Checkpoint, null) };
        foreach (var (split, list) in results.Lists.OrderBy(static l => l.Key, StringComparer.Ordinal))
            files.Add(File(split + " list", list, results.Images.TryGetValue(split, out int images) ? images : null));
        return new DataTable("Files", ["file", "path", "images", "size", "SHA-256"], files);
    }

    private static Cell[] File(string name, InputFile file, int? images) =>
        [Cells.Text(name), Cells.Code(file.Path), images is { } n ? Cells.Count(n) : Cells.Text(""), Cells.Bytes(file.Bytes), Cells.Code(file.Sha256)];

    private static DataTable Settings(RunResults results) => List("Settings",
        ("config", Cells.Code(results.Config)),
        ("SHA-256 of the resolved config", Cells.Code(results.ConfigSha256)),
        ("hash of the run", Cells.Code(results.Hash)),
        ("features", Cells.Text(string.Join(", ", results.Dimensions.Select(static d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} ({d.Value} numbers)"))))),
        ("pooling", Cells.Text(results.Pool)),
        ("precision", Cells.Text(results.Precision)),
        ("reduction", Cells.Text(results.Reduction)),
        ("seed", Cells.Text(results.Seed.ToString(CultureInfo.InvariantCulture))),
        ("threads per rank", Cells.Text(results.Threads.ToString(CultureInfo.InvariantCulture))),
        ("work dir", Cells.Code(results.WorkDir)));

    private static DataTable Timings(RunResults results)
    {
        var rows = new List<(string, Cell)>
        {
            ("started", Cells.Time(results.StartedAt)),
            ("completed", Cells.Time(results.CompletedAt)),
            ("all together", Cells.Seconds(results.Seconds)),
        };
        rows.AddRange(results.Timings.Select(static t => (t.Key, Cells.Seconds(t.Value))));
        rows.Add(("images decoded", Cells.Count(results.ImagesDecoded)));
        double extracting = results.Timings.Where(static t => t.Key.StartsWith("extract", StringComparison.Ordinal)).Sum(static t => t.Value);
        if (results.ImagesDecoded > 0 && extracting > 0)
            rows.Add(("images per second while extracting", Cells.Rate(results.ImagesDecoded / extracting)));
        return List("Where the time went", [.. rows]);
    }

    private static List<ReportBlock> Repeat(RunResults results)
    {
        if (results.Command is not null)
            return [new CodeBlock(results.Command, "sh")];
        string command = $"clusterbench {results.Benchmark} {Shell(results.Config)} --pretrained {Shell(results.Checkpoint.Path)} " +
            string.Create(CultureInfo.InvariantCulture, $"--seed {results.Seed} --threads {results.Threads}");
        return [new CodeBlock(command, "sh"), new Paragraph("and the options that the call gave besides: the resolved config holds what they came to.")];
    }

    private static DataTable Pairs(string caption, IReadOnlyDictionary<string, string> pairs) =>
        List(caption, [.. pairs.Select(static p => (p.Key, Cells.Text(p.Value)))]);

    internal static DataTable List(string caption, params (string Name, Cell Value)[] rows) =>
        new(caption, ["", ""], [.. rows.Select(static r => (IReadOnlyList<Cell>)[Cells.Text(r.Name), r.Value with { IsNumber = false }])]);

    private static string Shell(string word) =>
        word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "/._-=+:,@%".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
