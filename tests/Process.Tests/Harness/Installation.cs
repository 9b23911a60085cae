namespace ClusterBench.Tests.Harness;

/// <summary>The program that the tests call, built in their own configuration, and the repository's files that calls name.</summary>
internal static class Installation
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", ".."));

    /// <summary>The folder of <c>clusterbench</c>.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))));

    public static string Program { get; } = Path.Combine(Folder, "clusterbench");

    public static string SelfsupConfig { get; } = Path.Combine(Root, "configs", "samples", "selfsup.yaml");

    public static string KnnConfig { get; } = Path.Combine(Root, "configs", "samples", "knn.yaml");

    public static string Simclr { get; } = Sample("simclr_r18w16_fashion.pth");

    public static string RandomInit { get; } = Sample("random_init_r18w16.pth");

    public static string Sample(params string[] parts) => Path.Combine([Root, "samples", .. parts]);
}
