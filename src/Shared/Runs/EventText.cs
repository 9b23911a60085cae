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
        GangFormed x => x.At,
        GangStarted x => x.At,
        CheckpointWritten x => x.At,
        EpochCompleted x => x.At,
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
        PlanMade { Training: { } t } p => string.Create(CultureInfo.InvariantCulture,
            $"plan by {p.Worker}: {t.Epochs} epochs of {t.StepsPerEpoch} steps, {t.VirtualRanks} virtual ranks x {t.ImagesPerRank} images = effective batch {t.VirtualRanks * t.ImagesPerRank}; {p.Threads} thread(s) each, machine {p.ProbeDigest[..Math.Min(8, p.ProbeDigest.Length)]}"),
        PlanMade p => string.Create(CultureInfo.InvariantCulture,
            $"plan by {p.Worker}: {string.Join(", ", p.Splits.Select(s => $"{s.Images} {s.Split} images in shards of {s.ShardImages}"))}; batch {p.Batch}, {p.Threads} thread(s), machine {p.ProbeDigest[..Math.Min(8, p.ProbeDigest.Length)]}"),
        ShardCompleted s => string.Create(CultureInfo.InvariantCulture,
            $"{s.Shard} done by {s.Worker} in {s.Seconds:F2} s{(s.Adopted ? " (taken from the feature store)" : s.ImagesDecoded > 0 ? $" ({s.ImagesDecoded} images)" : "")}"),
        ShardFailed f => $"{f.Shard} on {f.Worker} has to be done again: {f.Reason}",
        GangFormed g => string.Create(CultureInfo.InvariantCulture,
            $"generation {g.Generation}: {string.Join(", ", g.Members.Select(m => m.Worker))} ({g.Reason}{(g.Lost.Count > 0 ? $"; lost: {string.Join(", ", g.Lost)}" : "")})"),
        GangStarted s => string.Create(CultureInfo.InvariantCulture, $"generation {s.Generation} goes on after step {s.Step} from {SourceText(s)}{string.Concat(s.Notes.Select(n => $"; {n}"))}"),
        CheckpointWritten c => string.Create(CultureInfo.InvariantCulture, $"checkpoint after step {c.Step} by {c.Worker}: {c.File.Path}"),
        EpochCompleted c => string.Create(CultureInfo.InvariantCulture, $"epoch {c.Epoch} completed{(c.Metrics.Count > 0 ? $": {string.Join(", ", c.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} {m.Value:0.00}"))}" : "")}"),
        RunInterrupted i => $"interrupted: {i.Reason}",
        RunResumed r => $"goes on: {r.Reason}",
        RunCompleted c => $"completed with {c.Metrics.Count} metrics",
        RunFailed f => $"failed: {f.Error}",
        RunCanceled => "canceled",
        _ => e.Descriptor.Name,
    };

    private static string SourceText(GangStarted s) => s.Source switch
    {
        "peer" => $"what {s.Worker} has in memory",
        "checkpoint" => s.Checkpoint,
        _ => "the initial weights",
    };
}
