namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// Finds out before libtorch loads whether its files are there. With one of them missing the loader falls back to a second copy
/// elsewhere or to none, and the process ends in a segmentation fault instead of an exception.
/// </summary>
public static class NativeFiles
{
    private static readonly string[] Patterns =
        ["libLibTorchSharp.so", "libtorch.so", "libtorch_cpu.so", "libc10.so", "libgomp*.so*"];

    /// <summary>What is missing of libtorch in <paramref name="folder"/>; empty when all is there.</summary>
    public static IReadOnlyList<string> Missing(string folder) =>
        [.. Patterns.Where(pattern => !Directory.Exists(folder) || !Directory.EnumerateFiles(folder, pattern).Any())];

    /// <exception cref="UserErrorException">A file of libtorch is missing in <paramref name="folder"/>.</exception>
    public static void Require(string folder)
    {
        var missing = Missing(folder);
        if (missing.Count > 0)
            throw new UserErrorException(
                $"The worker cannot start: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing in {folder}. " +
                "These files of libtorch belong beside the program: build or copy it again with all of its files.", exitCode: 1);
    }
}
