namespace ClusterBench.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Fixtures
{
    /// <summary>The repository's root: the folder with the solution, above the test program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file below tests/fixtures, e.g. <c>Path("checkpoints", "mm_zip.pth")</c>.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, "tests", "fixtures", .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ClusterBench.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"No ClusterBench.sln above {AppContext.BaseDirectory}: tests run inside the repository.");
    }
}
