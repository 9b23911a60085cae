using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// The key of a feature in the store: SHA-256 over everything that its rows' bits depend on, and nothing else. A changed transform,
/// batch size, thread count or kind of machine is another key.
/// </summary>
internal static class FeatureKey
{
    public static string Of(RunConfig config, string split, string feature, string weightsSha256, string listSha256, string probeDigest)
    {
        var data = config.Data[split];
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            numerics {MachineFacts.CurrentNumericsVersion}
            probe {probeDigest}
            backbone {config.Backbone}
            weights {weightsSha256}
            feature {feature} pool {config.Pool} dtype float32 precision {config.Precision}
            list {listSha256} root {Path.GetFullPath(data.Source.Root)}
            pipeline {string.Join(" | ", data.Pipeline.Select(Describe))}
            batch {config.BatchSize} threads {config.Threads}
            """);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Describe(TransformConfig step) => step is NormalizeConfig n
        ? string.Create(CultureInfo.InvariantCulture, $"Normalize {string.Join(' ', n.Mean)} {string.Join(' ', n.Std)}")
        : step.ToString()!;
}
