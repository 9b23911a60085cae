using System.CommandLine;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Tests.Calls;

internal static class Tree
{
    /// <summary>Every verb, those in groups too.</summary>
    public static IReadOnlyList<Verb> Verbs() => [.. Below(CommandTree.Build()).OfType<Verb>()];

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(child => Below(child).Prepend(child));
}
