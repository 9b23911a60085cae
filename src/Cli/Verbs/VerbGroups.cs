namespace ClusterBench.Cli.Verbs;

/// <summary>Headings of the first help page, in its order.</summary>
internal static class VerbGroups
{
    public const string Start = "Start here";
    public const string Benchmarks = "Benchmarks";
    public const string Runs = "Runs (RUN: an id, a unique prefix of one, a run's folder, or 'last')";
    public const string Inspect = "Look into configs and models";
    public const string Cluster = "A long-lived cluster";
}
