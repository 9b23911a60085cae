namespace ClusterBench.Cli;

/// <summary>Names of the folders and files that a call creates.</summary>
internal static class Places
{
    public const string WorkDirs = "work_dirs";
    public const string DefaultStateDir = "work_dirs/.clusterbench";
    public const string ClusterFile = "cluster.json";
    public const string JournalFile = "journal.db";
    public const string RunFile = "run.json";
    public const string ResultsFile = "results.json";
    public const string ConfigFile = "config.yaml";
}
