using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ClusterBench.Api;
using ClusterBench.Reports;

namespace ClusterBench.Tests.Reports;

public sealed partial class ReportWriterTests : IDisposable
{
    private const string Hostile = "</td><script>alert(1)</script><img src=http://evil/x.png onerror=alert(2)> | `code` [link](http://evil) \"'&\nnext";

    private readonly string _folder = Directory.CreateTempSubdirectory("clusterbench-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Headline_is_a_table_of_k_top1_and_top5_in_the_order_of_k()
    {
        var page = Write(SampleRuns.SimClr);
        var table = Table(page, "Accuracy in percent");

        Assert.Equal(["k", "top-1", "top-5"], table.QuerySelectorAll("thead th").Select(static c => c.TextContent));
        Assert.Equal(
            ["10 80.70 93.25", "20 80.20 96.40", "100 79.10 98.70", "200 77.30 98.90"],
            table.QuerySelectorAll("tbody tr").Select(static r => string.Join(' ', r.Children.Select(static c => c.TextContent))));
        Assert.Equal("79.10000000000001", table.QuerySelectorAll("tbody tr")[2].Children[1].GetAttribute("title"));
    }

    [Fact]
    public void Everything_that_the_numbers_rest_on_is_there_in_both_forms()
    {
        File.WriteAllText(Path.Combine(_folder, "config.yaml"), "benchmark: knn\nseed: 0\n");
        var run = SampleRuns.SimClr with { Notes = ["a loaded part only: 62 of 64 tensors"] };
        string html = Write(run).Body!.TextContent;
        string markdown = File.ReadAllText(Path.Combine(_folder, "report.md"));

        string[] expected =
        [
            run.Run, run.Hash, run.ConfigSha256, run.Checkpoint.Path, run.Checkpoint.Sha256, run.Lists["train"].Sha256, run.Lists["val"].Sha256,
            run.Config, run.WorkDir, run.Command!, "fp32", "exact", "gap", "feat5 (128 numbers)", "seed", "Imaginary 9000", "libtorch", "2.10.0",
            "2,000", "1,000", "2.8 MB", "12.3 s", "1 loss of a process was survived", "a loaded part only: 62 of 64 tensors", "benchmark: knn\nseed: 0\n",
            "RunAccepted", "2026-11-24 23:00:01 UTC", "event number 3",
        ];
        foreach (string text in expected)
        {
            Assert.Contains(text, html, StringComparison.Ordinal);
            Assert.Contains(text, Unescape(markdown), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Images_per_second_are_the_decoded_images_over_the_extraction_alone()
    {
        Assert.Equal("300", Value(Write(SampleRuns.SimClr), "images per second while extracting"));
    }

    [Fact]
    public void Where_all_features_came_from_the_store_no_rate_is_made_up()
    {
        var page = Write(SampleRuns.SimClr with { ImagesDecoded = 0 });

        Assert.Equal("0", Value(page, "images decoded"));
        Assert.DoesNotContain("images per second", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_needs_nothing_from_elsewhere_and_runs_nothing()
    {
        var page = Write(Poisoned());

        Assert.Empty(page.QuerySelectorAll("script, img, link, iframe, object, embed, base, form, svg, video, audio"));
        Assert.DoesNotContain(page.All.SelectMany(static e => e.Attributes), static a => a.Name is "src" or "href" || a.Name.StartsWith("on", StringComparison.Ordinal));
        string style = page.QuerySelector("style")!.TextContent;
        Assert.DoesNotContain("url(", style, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", style, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_stays_text_wherever_it_comes_from()
    {
        var page = Write(Poisoned());

        // Benchmark, run, error, note, the paths of three files, config, work dir, command, hardware's name and value, a version, two events, the config's text.
        int times = page.Body!.TextContent.Split("<script>alert(1)</script>").Length - 1;
        Assert.Equal(16, times);
        Assert.Equal(Hostile + ": 1", page.QuerySelectorAll("pre code")[^1].TextContent);
    }

    [Fact]
    public void Hostile_text_makes_no_tag_no_link_and_no_cell_in_Markdown()
    {
        Write(Poisoned());
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "report.md"));

        bool code = false;
        foreach (string line in lines)
        {
            if (line.StartsWith("``", StringComparison.Ordinal))
                code = !code;
            else if (!code)
            {
                string outside = CodeSpan().Replace(line, "");
                Assert.DoesNotContain("<", outside, StringComparison.Ordinal);
                Assert.DoesNotMatch(@"(?<!\\)\[", outside);
            }
        }

        var rows = lines.Where(static l => l.StartsWith("| ", StringComparison.Ordinal) && l.Contains("hardware", StringComparison.Ordinal));
        Assert.All(rows, static l => Assert.Equal(3, CellBorder().Count(l)));
        Assert.NotEmpty(rows);
    }

    [Fact]
    public void Tables_are_made_for_ears_too()
    {
        var page = Write(SampleRuns.SimClr);

        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Single(page.QuerySelectorAll("h1"));
        Assert.NotEmpty(page.QuerySelectorAll("table"));
        Assert.All(page.QuerySelectorAll("table"), static t => Assert.NotEqual("", t.QuerySelector("caption")?.TextContent ?? ""));
        Assert.All(page.QuerySelectorAll("tbody tr"), static r => Assert.Equal("row", r.FirstElementChild!.GetAttribute("scope")));
        Assert.All(page.QuerySelectorAll("section"), s => Assert.NotNull(page.GetElementById(s.GetAttribute("aria-labelledby")!)));
        Assert.Equal(page.QuerySelectorAll("[id]").Length, page.QuerySelectorAll("[id]").Select(static e => e.Id).Distinct().Count());
    }

    [Fact]
    public void A_long_journal_is_shown_without_its_middle_and_says_so()
    {
        var page = Write(SampleRuns.SimClr, SampleRuns.Events(1000));
        var rows = Table(page, "What happened").QuerySelectorAll("tbody tr");

        Assert.Equal(401, rows.Length);
        Assert.Equal("1", rows[0].FirstElementChild!.TextContent);
        Assert.Contains("600 more are in events.jsonl", rows[200].TextContent, StringComparison.Ordinal);
        Assert.Equal("1000", rows[400].FirstElementChild!.TextContent);
    }

    [Fact]
    public void A_failed_run_shows_its_error_and_no_number()
    {
        var page = Write(SampleRuns.SimClr with { Status = "failed", Error = "disk full: /data", Metrics = new Dictionary<string, double>() });

        Assert.Equal("disk full: /data", page.QuerySelector("ul.remarks li")!.TextContent);
        Assert.Contains("failed", page.QuerySelector("header p")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Accuracy", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_stored_call_the_report_builds_the_one_that_the_results_know()
    {
        var page = Write(SampleRuns.SimClr with { Command = null, Config = "my configs/a.yaml", Seed = 7 });

        Assert.Equal("clusterbench knn 'my configs/a.yaml' --pretrained samples/simclr_r18w16_fashion.pth --seed 7 --threads 1", page.QuerySelector("pre code")!.TextContent);
    }

    [Fact]
    public void A_report_replaces_the_one_before_and_leaves_no_other_file()
    {
        Write(SampleRuns.SimClr);
        var page = Write(SampleRuns.RandomInit);

        Assert.Equal("knn of random_init_r18w16.pth", page.Title);
        Assert.Equal(["report.html", "report.md"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    private static RunResults Poisoned() => SampleRuns.SimClr with
    {
        Run = Hostile,
        Benchmark = Hostile,
        Error = Hostile,
        Notes = [Hostile],
        Config = Hostile,
        Command = Hostile,
        WorkDir = Hostile,
        Checkpoint = new InputFile(Hostile, "", 1),
        Lists = new Dictionary<string, InputFile> { ["train"] = new(Hostile, "", 1), ["val"] = new(Hostile, "", 1) },
        Hardware = new Dictionary<string, string> { ["hardware " + Hostile] = Hostile },
        Versions = new Dictionary<string, string> { ["v"] = Hostile },
    };

    private IHtmlDocument Write(RunResults run, IReadOnlyList<EventView>? events = null)
    {
        if (run.Run == Hostile)
        {
            File.WriteAllText(Path.Combine(_folder, "config.yaml"), Hostile + ": 1");
            events = [.. SampleRuns.Events(2).Select(static e => e with { Text = Hostile, Type = "T" })];
        }

        ReportWriter.Write(run, events ?? SampleRuns.Events(3), _folder);
        return new HtmlParser().ParseDocument(File.ReadAllText(Path.Combine(_folder, "report.html")));
    }

    private static IElement Table(IHtmlDocument page, string caption) =>
        page.QuerySelectorAll("table").Single(t => t.QuerySelector("caption")!.TextContent.StartsWith(caption, StringComparison.Ordinal));

    private static string Value(IHtmlDocument page, string name) =>
        page.QuerySelectorAll("tbody th").Single(th => th.TextContent == name).NextElementSibling!.TextContent;

    [GeneratedRegex("(?<!`)(?<fence>`+)(?!`).*?(?<!`)\\k<fence>(?!`)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CellBorder();

    private static string Unescape(string markdown) => markdown.Replace("\\", "", StringComparison.Ordinal);
}
