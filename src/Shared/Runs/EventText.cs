using System.Globalization;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.Runs;

/// <summary>A run's journal as people and programs read it: one line of text and the event's fields as JSON.</summary>
public static class EventText
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(false));

    /// <summary>The event with its sequence number in the journal.</summary>
    public static EventView View(long sequence, IMessage e)
    {
        // The submission and the plan are in config.yaml and results.json already; here they would drown the rest.
        using var data = JsonDocument.Parse(Json.Format(e is RunAccepted a ? new RunAccepted { At = a.At, Owner = a.Owner } : e));
        return new EventView
        {
            Seq = sequence, At = DateTimeOffset.FromUnixTimeMilliseconds(At(e)), Type = e.Descriptor.Name, Text = Describe(e), Data = data.RootElement.Clone(),
        };
    }

    /// <summary>When the event happened, in milliseconds since 1970 (UTC).</summary>
    public static long At(IMessage e) => e switch
    {
        RunAccepted x => x.At,
        PlanMade x => x.At,
        ShardCompleted x => x.At,
        ShardFailed x => x.At,
        RunInterrupted x => x.At,
        RunResumed x => x.At,
        RunCompleted x => x.At,
        RunFailed x => x.At,
        RunCanceled x => x.At,
        _ => throw new ArgumentException($"{e.Descriptor.Name} is no event of a run's journal", nameof(e)),
    };

    private static string Describe(IMessage e) => e switch
    {
        RunAccepted a => $"accepted {a.Submission.Benchmark} of {a.Submission.Checkpoint.Path}",
        PlanMade p => string.Create(CultureInfo.InvariantCulture,
            $"plan by {p.Worker}: {string.Join(", ", p.Splits.Select(s => $"{s.Images} {s.Split} images in shards of {s.ShardImages}"))}; batch {p.Batch}, {p.Threads} thread(s), machine {p.ProbeDigest[..Math.Min(8, p.ProbeDigest.Length)]}"),
        ShardCompleted s => string.Create(CultureInfo.InvariantCulture,
            $"{s.Shard} done by {s.Worker} in {s.Seconds:F2} s{(s.Adopted ? " (taken from the feature store)" : s.ImagesDecoded > 0 ? $" ({s.ImagesDecoded} images)" : "")}"),
        ShardFailed f => $"{f.Shard} on {f.Worker} has to be done again: {f.Reason}",
        RunInterrupted i => $"interrupted: {i.Reason}",
        RunResumed r => $"goes on: {r.Reason}",
        RunCompleted c => $"completed with {c.Metrics.Count} metrics",
        RunFailed f => $"failed: {f.Error}",
        RunCanceled => "canceled",
        _ => e.Descriptor.Name,
    };
}
