using System.Security.Cryptography;
using System.Text;
using ClusterBench.Api;
using ClusterBench.Configs;
using ClusterBench.Runs;
using ClusterBench.Training;

namespace ClusterBench.Coordinator.Output;

/// <summary>What <c>results.json</c> says of a completed run: a pure function of its journal.</summary>
internal static class RunResultsBuilder
{
    private static readonly (string Kind, string Phase)[] Phases =
        [("extract", "extract"), ("topk", "neighbours"), ("merge", "merge"), ("assemble", "assemble")];

    public static RunResults Build(RunState state)
    {
        var submission = state.Submission!.ToRecord();
        var plan = state.Plan!;
        var config = RunConfigText.Parse(submission.ConfigText);
        var shards = state.Shards.Select(s => (Shard: s, Done: state.Completed[s.Id])).ToList();
        var adopted = shards.Count(s => s.Done.Adopted);
        List<string> notes = [.. plan.Notes];
        if (adopted > 0)
        {
            notes.Add($"{adopted} of {shards.Count(s => s.Shard.Kind == "extract")} extraction shards were taken from the feature store");
        }

        if (state.AcceptHardware)
        {
            notes.Add("resumed with --accept-hardware: parts were computed on another kind of machine, equality of bits is not promised");
        }

        return new RunResults
        {
            Run = submission.Run,
            Benchmark = submission.Benchmark,
            Status = RunViews.StatusOf(state.Phase),
            WorkDir = submission.WorkDir,
            Metrics = Ordered(state.Metrics),
            Seconds = (state.EndedAt - state.AcceptedAt) / 1000.0,
            Config = submission.Config,
            Command = submission.Command,
            Hash = submission.Hash,
            ConfigSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(submission.ConfigText))),
            Checkpoint = submission.Checkpoint,
            Lists = submission.Lists,
            Images = submission.Images,
            Seed = config.Seed,
            Threads = plan.Threads,
            Precision = config.Precision,
            Reduction = config.Reduction,
            Pool = config.Pool,
            Dimensions = Ordered(plan.Dimensions),
            Versions = Ordered(plan.Machine.Where(m => IsVersion(m.Key))),
            Hardware = Ordered(plan.Machine.Where(m => !IsVersion(m.Key)).Append(KeyValuePair.Create("probeDigest", plan.ProbeDigest))),
            Timings = Timings(state, shards),
            ImagesDecoded = shards.Sum(s => s.Done.ImagesDecoded),
            Recoveries = state.Recoveries,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(state.AcceptedAt),
            CompletedAt = DateTimeOffset.FromUnixTimeMilliseconds(state.EndedAt),
            Training = state.Trains ? Training(state, config) : null,
            Notes = notes,
        };
    }

    private static bool IsVersion(string field) => field is "clusterbench" or "libtorch" or ".NET" or "numerics version" or "glibc";

    private static Dictionary<string, double> Timings(RunState state, List<(Shard Shard, Protocol.ShardCompleted Done)> shards)
    {
        var timings = new Dictionary<string, double>(StringComparer.Ordinal) { ["prepare"] = (state.Plan!.At - state.AcceptedAt) / 1000.0 };
        var before = state.Plan.At;
        foreach (var (kind, phase) in Phases)
        {
            var done = shards.Where(s => s.Shard.Kind == kind).Select(s => s.Done.At).DefaultIfEmpty(0).Max();
            if (done > 0)
            {
                timings[phase] = Math.Max(0, done - before) / 1000.0;
                before = Math.Max(before, done);
            }
        }

        return timings;
    }

    private static TrainingResults Training(RunState state, RunConfig config)
    {
        var plan = state.Plan!.Training;
        var formed = state.Gangs.ToDictionary(g => g.Generation);
        var ends = state.Epochs.Select(e => e.At).Prepend(state.Starts.FirstOrDefault()?.At ?? state.Plan.At).ToList();
        return new TrainingResults
        {
            Epochs = state.Epochs.Count,
            Steps = state.Steps,
            StepsPerEpoch = plan.StepsPerEpoch,
            VirtualRanks = plan.VirtualRanks,
            ImagesPerRank = plan.ImagesPerRank,
            EffectiveBatch = plan.VirtualRanks * plan.ImagesPerRank,
            Optimizer = TrainingText.Optimizer(config.Training!.Optimizer),
            Schedule = TrainingText.Schedule(config.Training.Schedule),
            PerEpoch = [.. state.Epochs.Select((e, i) => new EpochOutcome(e.Epoch, e.Step, Math.Max(0, e.At - ends[i]) / 1000.0, Ordered(e.Metrics)))],
            Gangs = [.. state.Starts.Select(s => new GangOutcome(
                s.Generation, s.Step, DateTimeOffset.FromUnixTimeMilliseconds(s.At), [.. formed[s.Generation].Members.Select(m => m.Worker)], s.Source, formed[s.Generation].Reason))],
        };
    }

    private static SortedDictionary<string, T> Ordered<T>(IEnumerable<KeyValuePair<string, T>> pairs)
    {
        var ordered = new SortedDictionary<string, T>(NaturalOrder.Instance);
        foreach (var (key, value) in pairs)
        {
            ordered[key] = value;
        }

        return ordered;
    }
}
