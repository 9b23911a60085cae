using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli;

internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Surroundings.OfProcess());
}
