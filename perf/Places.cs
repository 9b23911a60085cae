namespace ClusterBench.Perf;

/// <summary>Where things lie; perf/run says where the repository is.</summary>
internal static class Places
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("CLUSTERBENCH_ROOT") is { Length: > 0 } root
        ? root : throw new UserErrorException("This program is started by ./perf/run.");

    public static string Program => Path.Combine(Root, "clusterbench");
    public static string Peer => Path.Combine(Root, "perf", "peer.py");
    public static string Python => Environment.GetEnvironmentVariable("PERF_PYTHON") is { Length: > 0 } python ? python : "/usr/bin/python3";
    public static string Document => Path.Combine(Root, "docs", "performance.md");
    public static string Results => Path.Combine(Root, "perf", "results");
    public static string Published => Path.Combine(Results, "published.json");

    /// <summary>A new folder for one part or repetition.</summary>
    public static string Scratch(string name) => Directory.CreateTempSubdirectory($"clusterbench-perf-{name}-").FullName;
}
