using System.Security.Cryptography;

namespace ClusterBench.Files;

public static class FileHash
{
    /// <summary>SHA-256 of a file's bytes, 64 lower-case hexadecimal digits; read in pieces, so the size does not matter.</summary>
    /// <exception cref="UserErrorException">The file is missing or cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new UserErrorException($"{path} cannot be read: {why}. Check the path and its permissions.", inner: e);
        }
    }
}
