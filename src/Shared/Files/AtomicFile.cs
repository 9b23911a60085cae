using System.Runtime.InteropServices;

namespace ClusterBench.Files;

/// <summary>Files that are there whole or not at all, also after a crash or a power cut.</summary>
public static partial class AtomicFile
{
    /// <summary>
    /// Writes a temporary file beside <paramref name="path"/> under a name nobody else has, flushes it to the disk, renames it over
    /// <paramref name="path"/> and flushes the folder. If anything throws, the temporary file is removed and what stood at
    /// <paramref name="path"/> before stays.
    /// </summary>
    /// <param name="write">Writes the content; the stream can seek.</param>
    /// <param name="beforeRename">Called when the content is on the disk and the name does not show it yet (scripted faults).</param>
    /// <exception cref="UserErrorException">Disk full, no permission, no such folder; names the file.</exception>
    public static void Write(string path, Action<Stream> write, Action? beforeRename = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? throw new UserErrorException($"{path} is no name for a file.");
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.MachineName}~{Environment.ProcessId}~{Guid.NewGuid():N}.tmp");
        bool renamed = false;
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            beforeRename?.Invoke();
            File.Move(temporary, target, overwrite: true);
            renamed = true;
            FlushFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string what = e is DirectoryNotFoundException
                ? $"the folder {folder} does not exist. Create it or give another path."
                : $"{e.Message} Make room or give another path; what was there before is unchanged.";
            throw new UserErrorException($"{path} cannot be written: {what}", exitCode: 1, inner: e);
        }
        finally
        {
            if (!renamed)
            {
                TryDelete(temporary);
            }
        }
    }

    /// <summary>True for a temporary file of ours whose process ran on this machine and is gone: nobody will finish it.</summary>
    public static bool IsAbandoned(string path)
    {
        string[] parts = Path.GetFileName(path).Split('~');
        return parts.Length == 3
            && parts[0].EndsWith("." + Environment.MachineName, StringComparison.Ordinal)
            && parts[2].EndsWith(".tmp", StringComparison.Ordinal)
            && !Directory.Exists("/proc/" + parts[1]);
    }

    /// <summary>Flushes a folder's entries to the disk: without it a rename may be gone after a power cut.</summary>
    public static void FlushFolder(string folder)
    {
        int handle = Open(folder, ReadOnlyDirectory);
        if (handle < 0)
        {
            throw new IOException($"The folder {folder} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
        int failed = FSync(handle) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = CloseHandle(handle);
        // EINVAL and ENOTSUP: a file system whose folders cannot be flushed; there is nothing more to do on it.
        if (failed is not (0 or 22 or 95))
        {
            throw new IOException($"The folder {folder} cannot be flushed: {Marshal.GetPInvokeErrorMessage(failed)}.");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here is the one worth telling.
        }
    }

    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC on linux-x64

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseHandle(int handle);
}
