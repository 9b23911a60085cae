using System.Security.Cryptography;
using ClusterBench.Faults;
using ClusterBench.Files;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// Files under names that hold their own SHA-256, <c>NAME-SHA256.npy</c>: whoever finds such a file whole may take it for the
/// record of that work, also when nobody was ever told about it.
/// </summary>
internal static class ContentStore
{
    /// <summary>Stores the content; two workers that store the same name and bytes end with one file.</summary>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="name">Name without hash and extension.</param>
    /// <param name="content">The whole file.</param>
    /// <param name="what">What the file holds, e.g. <c>feat5</c>.</param>
    public static ShardFile Put(string folder, string name, byte[] content, string what)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var path = Path.Combine(folder, $"{name}-{sha256}.npy");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The folder {folder} cannot be made: {e.Message}", 1, e);
        }

        AtomicFile.Write(path, f => f.Write(content), () => Fault.Point(FaultPoints.ShardBetweenWriteAndRename));
        return new ShardFile { Path = path, Sha256 = sha256, Bytes = content.Length, Name = what };
    }

    /// <summary>A whole file of that name, or null; a damaged one is left aside.</summary>
    public static ShardFile? Find(string folder, string name, string what)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        foreach (var path in Directory.EnumerateFiles(folder, name + "-*.npy").Order(StringComparer.Ordinal))
        {
            var claimed = Path.GetFileNameWithoutExtension(path)[(name.Length + 1)..];
            if (claimed.Length == 64 && FileHash.Sha256(path) == claimed)
            {
                return new ShardFile { Path = path, Sha256 = claimed, Bytes = new FileInfo(path).Length, Name = what };
            }
        }

        return null;
    }

    /// <summary>Removes temporary files of processes of this machine that are gone: a killed worker leaves at most one behind.</summary>
    public static void Sweep(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            try
            {
                if (AtomicFile.IsAbandoned(path))
                {
                    File.Delete(path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, perhaps, in a shared store: rubbish that stays is no reason for a run to fail.
                Console.Error.WriteLine($"{path}, left half-written by a process that is gone, cannot be removed: {e.Message}");
            }
        }
    }

    /// <summary>Shows a file of the store in the run's own folder: a hard link, or a copy where the store lies on another file system.</summary>
    public static void Link(ShardFile file, string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Path.GetFileName(file.Path));
        if (!File.Exists(path) && !HardLink.TryCreate(file.Path, path))
        {
            AtomicFile.Write(path, f =>
            {
                using var source = File.OpenRead(file.Path);
                source.CopyTo(f);
            });
        }
    }
}
