using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClusterBench.Configs;

/// <summary>The name of a run's inputs: equal hashes mean equal numbers.</summary>
public static class RunHash
{
    /// <summary>
    /// SHA-256 over one line per input: the config's text (by its own SHA-256), the checkpoint, each split's list file in the order of the
    /// splits' names, and the seed.
    /// </summary>
    /// <param name="configText">What <see cref="RunConfigText.Write"/> gave.</param>
    /// <param name="checkpointSha256">64 hex digits.</param>
    /// <param name="listSha256">64 hex digits by split.</param>
    /// <returns>64 lower-case hex digits.</returns>
    public static string Compute(string configText, string checkpointSha256, IReadOnlyDictionary<string, string> listSha256, int seed)
    {
        var text = new StringBuilder("clusterbench run 1\n");
        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value.ToLowerInvariant()}\n");
        Line("config", Hex(Encoding.UTF8.GetBytes(configText)));
        Line("checkpoint", checkpointSha256);
        foreach (var (split, sha256) in listSha256.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            Line($"list {split}", sha256);
        }
        Line("seed", seed.ToString(CultureInfo.InvariantCulture));
        return Hex(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
