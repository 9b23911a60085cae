using System.Globalization;
using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ClusterBench.Api;
using ClusterBench.Reports;
using ClusterBench.Training;

namespace ClusterBench.Tests.Reports;

public sealed class TrainingReportTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Loss_accuracy_learning_rate_and_speed_are_drawn()
    {
        var figures = Write(SampleTraining.Run, SampleTraining.Lines).QuerySelectorAll("figure");

        Assert.Equal(
            ["Training loss", "Top-1 accuracy in percent training validation", "Learning rate", "Images per second"],
            figures.Select(static f => f.QuerySelector("figcaption")!.TextContent));
        Assert.Equal(["step", "epoch", "step", "step"], figures.Select(static f => f.QuerySelectorAll("text")[^1].TextContent));
        Assert.Equal([1, 2, 1, 1], figures.Select(static f => f.QuerySelectorAll("svg.chart .line").Length));
        Assert.All(figures, static f => Assert.InRange(f.QuerySelectorAll("text").Length, 7, 20));
        Assert.Equal(40, figures[1].QuerySelectorAll("circle").Length);
    }

    [Fact]
    public void Every_point_tells_its_value_when_it_is_pointed_at()
    {
        var figures = Write(SampleTraining.Run, SampleTraining.Lines).QuerySelectorAll("figure");

        var lines = SampleTraining.Lines.Where(static l => l.Mode == "train").ToArray();
        Assert.Equal(
            lines.Select(static l => string.Create(CultureInfo.InvariantCulture, $"step {l.Step}: {l.Loss:G5}")),
            figures[0].QuerySelectorAll("rect title").Select(static t => t.TextContent));
        string last = figures[1].QuerySelectorAll("rect title")[^1].TextContent;
        Assert.StartsWith("epoch 20: training ", last, StringComparison.Ordinal);
        Assert.EndsWith(string.Create(CultureInfo.InvariantCulture, $", validation {SampleTraining.Run.Metrics["top1"]}"), last, StringComparison.Ordinal);
        Assert.Equal(
            ["step 263: generation 2 with 1 worker (node0/2 was lost)", "step 372: generation 3 with 2 workers (node0/2 came in)"],
            figures[3].QuerySelectorAll("path.hit title").Select(static t => t.TextContent));
    }

    [Fact]
    public void A_curve_goes_through_its_points_from_left_to_right_within_the_axes()
    {
        var lines = new[] { Line(10, 4), Line(20, 2), Line(30, 3) };
        var path = Write(SampleTraining.Run, lines).QuerySelector("figure .line")!.GetAttribute("d")!;

        // 58 to 466 across for steps 0 to 30; 208 to 10 upwards for losses 2 to 4.
        Assert.Equal("M194 10L330 208L466 109", path);
    }

    [Fact]
    public void Speed_is_drawn_from_zero_and_steps_are_counted_from_zero()
    {
        var labels = Write(SampleTraining.Run, SampleTraining.Lines).QuerySelectorAll("figure")[3].QuerySelectorAll("text").Select(static t => t.TextContent);

        Assert.Equal(["0", "200", "400", "600", "800", "1,000", "0", "200", "400", "600", "step"], labels);
    }

    [Fact]
    public void A_long_log_is_thinned_without_losing_a_spike()
    {
        var lines = Enumerable.Range(1, 10_000).Select(static i => Line(50 * i, i == 5_000 ? 1_000 : 1)).ToArray();
        var figure = Write(SampleTraining.Run, lines).QuerySelector("figure")!;

        Assert.Equal("Training loss (mean and range of 42 lines of the log)", figure.QuerySelector("figcaption")!.TextContent);
        Assert.Equal(239, figure.QuerySelectorAll("rect").Length);
        Assert.Single(figure.QuerySelectorAll("path.band"));
        Assert.Contains("(1 to 1000)", string.Join('\n', figure.QuerySelectorAll("rect title").Select(static t => t.TextContent)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_line_alone_is_a_dot()
    {
        var figure = Write(SampleTraining.Run, [Line(10, 0)]).QuerySelector("figure")!;

        Assert.Single(figure.QuerySelectorAll("circle"));
        Assert.Empty(figure.QuerySelectorAll(".line"));
        Assert.DoesNotContain("NaN", figure.OuterHtml, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_runs_nothing_and_needs_nothing_from_elsewhere()
    {
        const string hostile = "</title></svg><script>alert(1)</script>";
        var training = SampleTraining.Results with
        {
            Optimizer = hostile, Schedule = hostile,
            Gangs = [SampleTraining.Results.Gangs[0], new GangOutcome(2, 100, DateTimeOffset.UnixEpoch, [hostile], hostile, hostile)],
        };
        var page = Write(SampleTraining.Run with { Training = training }, SampleTraining.Lines);

        Assert.Empty(page.QuerySelectorAll("script, img, link, iframe, object, embed, base, use, image, foreignObject, a"));
        Assert.DoesNotContain(page.All.SelectMany(static e => e.Attributes), static a => a.Name is "src" or "href" || a.Name.StartsWith("on", StringComparison.Ordinal));
        // Optimizer, schedule, mark, and of the table member, source and reason.
        Assert.Equal(6, page.Body!.TextContent.Split("<script>alert(1)</script>").Length - 1);
    }

    [Fact]
    public void Each_chart_says_what_it_shows_to_whoever_does_not_see_it()
    {
        var charts = Write(SampleTraining.Run, [Line(10, 4), Line(20, 2), Line(30, 3)]).QuerySelectorAll("svg.chart");

        Assert.All(charts, static c => Assert.Equal("img", c.GetAttribute("role")));
        Assert.Equal("Training loss: loss 4 at first, 3 at last, between 2 and 4", charts[0].GetAttribute("aria-label"));
    }

    [Fact]
    public void Each_epoch_is_a_row_in_both_forms()
    {
        var page = Write(SampleTraining.Run, SampleTraining.Lines);
        var table = Table(page, "Epochs");
        var rows = table.QuerySelectorAll("tbody tr");

        Assert.Equal(
            ["epoch", "steps", "rate", "loss", "train top-1", "val top-1", "val top-5", "images/s", "data wait", "time"],
            table.QuerySelectorAll("thead th").Select(static c => c.TextContent));
        Assert.Equal(20, rows.Length);
        string[] last = [.. rows[^1].Children.Select(static c => c.TextContent)];
        Assert.Equal(["20", "620", "0.01"], last[..3]);
        Assert.Equal(SampleTraining.Run.Metrics["top1"].ToString("F2", CultureInfo.InvariantCulture), last[5]);
        Assert.Equal(["1.9 %", "2.50 s"], last[8..]);
        Assert.Contains("| " + string.Join(" | ", last) + " |", File.ReadAllLines(folder.File("report.md")));
    }

    [Fact]
    public void An_epoch_without_evaluation_or_lines_has_dashes()
    {
        var training = SampleTraining.Results with { PerEpoch = [new(1, 31, 2.5, new Dictionary<string, double>()), SampleTraining.Results.PerEpoch[1]] };
        var rows = Table(Write(SampleTraining.Run with { Training = training }, []), "Epochs").QuerySelectorAll("tbody tr");

        Assert.Equal("1 31 - - - - - - - 2.50 s", string.Join(' ', rows[0].Children.Select(static c => c.TextContent)));
    }

    [Fact]
    public void Batch_schedule_speed_and_workers_over_time_are_there_in_both_forms()
    {
        var page = Write(SampleTraining.Run, SampleTraining.Lines);
        string markdown = File.ReadAllText(folder.File("report.md"));

        foreach (string text in (string[])["64 images: 4 virtual ranks x 16 per rank", "20 of 31 steps each, 620 in all", "SGD: learning rate 1, momentum 0.9",
            "Step: times 0.1 at epochs 12, 16", "node0/2 was lost", "time per epoch, median", "2.50 s"])
        {
            Assert.Contains(text, page.Body!.TextContent, StringComparison.Ordinal);
            Assert.Contains(text, markdown, StringComparison.Ordinal);
        }

        Assert.Equal("1.9 %", Value(page, "time spent waiting for images"));
        Assert.Contains("- Learning rate: rate 1 at first, 0.01 at last, between 0.01 and 1", markdown, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], Table(page, "Who trained").QuerySelectorAll("tbody th").Select(static c => c.TextContent));
    }

    [Fact]
    public void Without_a_log_it_says_that_there_are_no_curves()
    {
        ReportWriter.Write(SampleTraining.Run, [], folder.Path);

        Assert.Contains("There are no curves: log.json holds no lines.", File.ReadAllText(folder.File("report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_log_is_no_silent_gap()
    {
        SampleTraining.WriteLog(folder.File("log.json"), [Line(10, 4), Line(20, 2)]);
        File.AppendAllText(folder.File("log.json"), "garbage");
        ReportWriter.Write(SampleTraining.Run, [], folder.Path);

        Assert.Contains("log.json is damaged: 7 bytes behind its line 2", File.ReadAllText(folder.File("report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Results_without_training_stay_as_they_were()
    {
        Assert.DoesNotContain("training", JsonSerializer.Serialize(SampleRuns.SimClr, ApiJson.Default.RunResults), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Write(SampleRuns.SimClr, SampleTraining.Lines).QuerySelectorAll("svg"));
    }

    [Fact]
    public void Results_of_a_training_are_read_as_they_were_written()
    {
        string json = JsonSerializer.Serialize(SampleTraining.Run, ApiJson.Default.RunResults);
        var read = JsonSerializer.Deserialize(json, ApiJson.Default.RunResults)!.Training!;

        Assert.Equal(SampleTraining.Results.EffectiveBatch, read.EffectiveBatch);
        Assert.Equal(SampleTraining.Results.PerEpoch[8].Metrics, read.PerEpoch[8].Metrics);
        Assert.Equal(SampleTraining.Results.Gangs[1].Members, read.Gangs[1].Members);
        Assert.Contains("\"perEpoch\":[{\"epoch\":1,\"step\":31,\"seconds\":2.5,", json, StringComparison.Ordinal);
    }

    private static TrainingLogLine Line(long step, double loss) => SampleTraining.Lines[0] with { Step = step, Loss = loss };

    private IHtmlDocument Write(RunResults run, IReadOnlyList<TrainingLogLine> lines)
    {
        SampleTraining.WriteLog(folder.File("log.json"), lines);
        ReportWriter.Write(run, SampleRuns.Events(3), folder.Path);
        return new HtmlParser().ParseDocument(File.ReadAllText(folder.File("report.html")));
    }

    private static IElement Table(IHtmlDocument page, string caption) =>
        page.QuerySelectorAll("table").Single(t => t.QuerySelector("caption")!.TextContent.StartsWith(caption, StringComparison.Ordinal));

    private static string Value(IHtmlDocument page, string name) =>
        page.QuerySelectorAll("tbody th").Single(th => th.TextContent == name).NextElementSibling!.TextContent;
}
