using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>What only members of one run's gangs know, and what they must agree on.</summary>
internal static class GangSecret
{
    /// <summary>
    /// The key that connections of a run are signed with: HMAC-SHA256 of the run's id under the cluster's token. Without a token it
    /// keeps runs apart and nobody out, as everything else in such a cluster.
    /// </summary>
    public static byte[] Of(string run, string? token) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(token ?? ""), Encoding.UTF8.GetBytes($"clusterbench data plane of {run}"));

    /// <summary>SHA-256 of what members compute by, in a text of its own: a message's bytes may differ from process to process.</summary>
    public static string PlanHash(SubmissionData submission, PlanMade plan)
    {
        var training = plan.Training;
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            run {submission.Run} submission {submission.Hash}
            numerics {plan.NumericsVersion} batch {plan.Batch} threads {plan.Threads}
            ranks {training.VirtualRanks} images {training.ImagesPerRank} epochs {training.Epochs} steps {training.StepsPerEpoch}
            """);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
