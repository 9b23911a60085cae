using System.Security.Cryptography;
using ClusterBench.Api;

namespace ClusterBench.Data;

/// <summary>Takes the fingerprint of a file that decides a run's numbers.</summary>
public static class InputFiles
{
    /// <summary>The file's absolute path, size and SHA-256 (64 lower-case hex digits), read once.</summary>
    /// <exception cref="UserErrorException">The file is absent or cannot be read.</exception>
    public static InputFile Describe(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 20];
            var bytes = 0L;
            for (int n; (n = stream.Read(buffer)) > 0; bytes += n)
            {
                sha256.AppendData(buffer, 0, n);
            }
            return new InputFile(Path.GetFullPath(path), Convert.ToHexStringLower(sha256.GetHashAndReset()), bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"There is no file {path}.", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}", inner: e);
        }
    }
}
