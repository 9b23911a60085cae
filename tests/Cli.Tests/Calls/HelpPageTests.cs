using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Calls;

public sealed class HelpPageTests
{
    public static TheoryData<string> Paths => [.. Tree.Verbs().Select(verb => HelpPage.PathOf(verb)["clusterbench ".Length..])];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task The_page_of_a_verb_shows_its_options_and_an_example_that_parses(string path)
    {
        using var cli = new CliHarness();
        Verb verb = Tree.Verbs().Single(one => HelpPage.PathOf(one) == "clusterbench " + path);

        CallResult result = await cli.RunAsync([.. path.Split(' '), "--help"]);

        Assert.Equal(0, result.Status);
        Assert.Empty(result.Error);
        Assert.All(verb.Options, option => Assert.Contains(option.Name, result.Out, StringComparison.Ordinal));
        string examples = result.Out[result.Out.IndexOf("Example:\n", StringComparison.Ordinal)..];
        Assert.All(verb.Example.Split('\n'), example =>
        {
            Assert.Contains("  " + example + "\n", examples, StringComparison.Ordinal);
            ParseResult parsed = CommandTree.Build().Parse(example[(example.IndexOf("clusterbench ", StringComparison.Ordinal) + "clusterbench ".Length)..]);
            Assert.Empty(parsed.Errors);
            Assert.Equal(verb.Name, parsed.CommandResult.Command.Name);
        });
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task No_line_of_a_page_is_wider_than_a_terminal(string path)
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync([.. path.Split(' '), "-h"]);

        string page = result.Out[..result.Out.IndexOf("Example:", StringComparison.Ordinal)];
        Assert.All(page.Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public async Task The_first_page_lists_every_verb_and_fits_a_screen()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync("--help");

        Assert.Equal(0, result.Status);
        Assert.All(Tree.Verbs(), verb => Assert.Contains($"\n  {HelpPage.PathOf(verb)["clusterbench ".Length..]}", result.Out, StringComparison.Ordinal));
        Assert.True(result.Out.Split('\n').Length <= 50, "the first page is longer than a screen");
    }

    [Fact]
    public async Task Version_prints_one_line()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync("--version");

        Assert.Equal(0, result.Status);
        Assert.Matches(@"^clusterbench \d+\.\d+\.\d+( \(commit [0-9a-f]+\))?\n$", result.Out);
    }

    [Fact]
    public async Task Completion_knows_the_verbs()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync("[suggest:2]", "re");

        Assert.Equal(0, result.Status);
        Assert.Contains("resume", result.Out, StringComparison.Ordinal);
        Assert.Contains("report", result.Out, StringComparison.Ordinal);
    }
}
