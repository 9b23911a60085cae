using System.CommandLine;
using System.Text.RegularExpressions;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Tests.Calls;

/// <summary>docs/cli.md says what the program does.</summary>
public sealed partial class CliPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "cli.md"));

    [Fact]
    public void The_page_names_every_verb() =>
        Assert.All(Tree.Verbs(), verb => Assert.Matches($"(### |`){Regex.Escape(HelpPage.PathOf(verb)["clusterbench ".Length..])}\\b", Page));

    [Fact]
    public void The_page_names_every_option() =>
        Assert.All(Tree.Verbs().SelectMany(verb => verb.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).Distinct(),
            name => Assert.Matches($"`{Regex.Escape(name)}(`| )", Page));

    [Fact]
    public void The_page_names_no_option_that_does_not_exist()
    {
        string[] known = [.. Tree.Verbs().SelectMany(verb => verb.Options).SelectMany(option => option.Aliases.Prepend(option.Name)), "--help"];
        string[] named = [.. Option().Matches(Page).Select(match => match.Value).Distinct()];

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    [Fact]
    public void Every_call_on_the_page_parses()
    {
        string[] calls = [.. Page.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("./clusterbench ", StringComparison.Ordinal))];

        Assert.True(calls.Length >= 8);
        Assert.All(calls, call => Assert.Empty(CommandTree.Build().Parse(call["./clusterbench ".Length..].Split('#')[0].TrimEnd()).Errors));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterBench.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no ClusterBench.sln above the tests");
    }

    [GeneratedRegex("--[a-z][a-z-]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Option();
}
