using System.Diagnostics;

namespace ClusterBench.Tests.Mistakes;

/// <summary>A small file system of a test's own, in memory; only root may make one.</summary>
internal sealed class FullDisk : IAsyncDisposable
{
    private FullDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static async Task<FullDisk> MountAsync(string path, string size)
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a file system needs root");
        Directory.CreateDirectory(path);
        await CallAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path);
        return new FullDisk(path);
    }

    /// <summary>Fills it until only so many bytes are free.</summary>
    public void Fill(long free)
    {
        long available = new DriveInfo(Path).AvailableFreeSpace;
        File.WriteAllBytes(Ballast, new byte[available - free]);
    }

    /// <summary>Takes the ballast away.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    // Lazily: a process that is just being ended may have files open there.
    public async ValueTask DisposeAsync() => await CallAsync("umount", "--lazy", Path);

    private static async Task CallAsync(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', words)} ended with {process.ExitCode}");
    }
}
