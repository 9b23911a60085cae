using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ClusterBench.Api;
using ClusterBench.Reports;

namespace ClusterBench.Tests.Reports;

public sealed class ComparisonReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterbench-comparison-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Two_runs_stand_side_by_side_with_their_difference_in_points()
    {
        var page = Write(SampleRuns.SimClr, SampleRuns.RandomInit);
        var top1 = page.QuerySelectorAll("table")[0];

        Assert.Equal("top-1 in percent", top1.QuerySelector("caption")!.TextContent);
        Assert.Equal(["k", "simclr_r18w16_fashion", "random_init_r18w16", "difference in points"], top1.QuerySelectorAll("thead th").Select(static c => c.TextContent));
        Assert.Equal(["10", "80.70", "70.45", "+10.25"], top1.QuerySelector("tbody tr")!.Children.Select(static c => c.TextContent));
        Assert.Equal("top-5 in percent", page.QuerySelectorAll("table")[1].QuerySelector("caption")!.TextContent);
        Assert.Empty(page.QuerySelectorAll("ul.remarks"));
        Assert.Contains("| 10 | 80.70 | 70.45 | +10.25 |", File.ReadAllLines(Path.Combine(_folder, "demo.md")));
    }

    [Fact]
    public void Three_runs_have_no_difference_and_a_number_that_one_lacks_is_a_dash()
    {
        var half = SampleRuns.SimClr with { Run = "other", Metrics = new Dictionary<string, double> { ["top1@k=10"] = 50 } };
        var page = Write(SampleRuns.SimClr, SampleRuns.RandomInit, half);
        var top1 = page.QuerySelectorAll("table")[0];

        Assert.Equal(["k", $"simclr_r18w16_fashion ({SampleRuns.SimClr.Run})", $"random_init_r18w16 ({SampleRuns.RandomInit.Run})", "simclr_r18w16_fashion (other)"],
            top1.QuerySelectorAll("thead th").Select(static c => c.TextContent));
        Assert.Equal(["20", "80.20", "69.95", "-"], top1.QuerySelectorAll("tbody tr")[1].Children.Select(static c => c.TextContent));
    }

    [Fact]
    public void Where_the_comparison_is_not_fair_it_says_so()
    {
        var other = SampleRuns.RandomInit with
        {
            ConfigSha256 = new string('d', 64),
            Lists = new Dictionary<string, InputFile>(SampleRuns.SimClr.Lists) { ["val"] = new("other.txt", new string('7', 64), 1) },
            Status = "failed",
            Error = "no worker",
            Notes = ["a part only"],
        };
        var remarks = Write(SampleRuns.SimClr, other).QuerySelectorAll("ul.remarks li").Select(static l => l.TextContent).ToArray();

        Assert.Equal(4, remarks.Length);
        Assert.Contains("configs differ", remarks[0], StringComparison.Ordinal);
        Assert.Contains("different data", remarks[1], StringComparison.Ordinal);
        Assert.Equal($"Run {other.Run} is failed: no worker.", remarks[2]);
        Assert.Equal("random_init_r18w16: a part only", remarks[3]);
    }

    [Fact]
    public void Nothing_to_compare_is_an_error() => Assert.Throws<ArgumentException>(() => Write());

    private IHtmlDocument Write(params RunResults[] runs)
    {
        string path = Path.Combine(_folder, "demo.html");
        ReportWriter.WriteComparison(runs, path);
        return new HtmlParser().ParseDocument(File.ReadAllText(path));
    }
}
