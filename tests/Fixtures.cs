namespace ClusterBench.Tests;

/// <summary>Finds tests/fixtures from wherever the test program was built to.</summary>
internal static class Fixtures
{
    public static string Root { get; } = System.IO.Path.Combine(Solution(), "tests", "fixtures");

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Solution()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ClusterBench.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No ClusterBench.sln above {AppContext.BaseDirectory}.");
    }
}
