using System.Collections.Immutable;
using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.Runs;

/// <summary>
/// The state of one run, fed by its journal's events alone: no actor, no clock, no file. An event that cannot follow is a bug or a
/// damaged journal and throws, with the state in the message.
/// </summary>
public sealed record RunState
{
    public static readonly RunState Empty = new();

    public RunPhase Phase { get; private init; }
    public SubmissionData? Submission { get; private init; }
    public PlanMade? Plan { get; private init; }
    public IReadOnlyList<Shard> Shards { get; private init; } = [];
    public ImmutableDictionary<string, ShardCompleted> Completed { get; private init; } = ImmutableDictionary.Create<string, ShardCompleted>(StringComparer.Ordinal);
    /// <summary>How often in a row a shard was lost or failed.</summary>
    public ImmutableDictionary<string, int> Failures { get; private init; } = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);
    public ImmutableDictionary<string, double> Metrics { get; private init; } = ImmutableDictionary.Create<string, double>(StringComparer.Ordinal);
    public string Owner { get; private init; } = "";
    public string Error { get; private init; } = "";
    /// <summary>Lost workers and restarts of the coordinator that the run survived.</summary>
    public int Recoveries { get; private init; }
    public bool AcceptHardware { get; private init; }
    public long AcceptedAt { get; private init; }
    public long EndedAt { get; private init; }

    public bool IsOpen => Phase is RunPhase.Preparing or RunPhase.Running;

    public bool IsEnded => Phase is RunPhase.Completed or RunPhase.Failed or RunPhase.Canceled;

    /// <summary>Every shard of the plan is done.</summary>
    public bool AllDone => Phase == RunPhase.Running && Completed.Count == Shards.Count;

    /// <summary>Shards that could be worked now: not done, and all of lower stages done.</summary>
    public IEnumerable<Shard> Ready()
    {
        if (Phase == RunPhase.Preparing)
        {
            return [ShardPlanner.Prepare];
        }

        if (Phase != RunPhase.Running)
        {
            return [];
        }

        var open = Shards.Where(s => !Completed.ContainsKey(s.Id)).ToList();
        var stage = open.Count == 0 ? 0 : open.Min(s => s.Stage);
        return open.Where(s => s.Stage == stage);
    }

    /// <summary>A shard of this run that is not done, or null.</summary>
    public Shard? Pending(string shard) =>
        Phase == RunPhase.Preparing && shard == ShardPlanner.Prepare.Id ? ShardPlanner.Prepare
        : Phase == RunPhase.Running && !Completed.ContainsKey(shard) ? Shards.FirstOrDefault(s => s.Id == shard)
        : null;

    /// <summary>The state after an event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow this state.</exception>
    public RunState Apply(IMessage e) => (Phase, e) switch
    {
        (RunPhase.None, RunAccepted a) => this with
        {
            Phase = RunPhase.Preparing, Submission = a.Submission, Owner = a.Owner, AcceptedAt = a.At,
        },
        (RunPhase.Preparing, PlanMade p) => this with
        {
            Phase = RunPhase.Running, Plan = p, Shards = ShardPlanner.Shards(Submission!.Benchmark, p), Failures = Failures.Clear(),
        },
        (RunPhase.Running, ShardCompleted s) when Pending(s.Shard) is not null => this with
        {
            Completed = Completed.Add(s.Shard, s), Failures = Failures.Remove(s.Shard),
        },
        (RunPhase.Preparing or RunPhase.Running, ShardFailed f) => this with
        {
            Failures = Failures.SetItem(f.Shard, Failures.GetValueOrDefault(f.Shard) + 1), Recoveries = Recoveries + 1,
        },
        (RunPhase.Preparing or RunPhase.Running, RunInterrupted) => this with { Phase = RunPhase.Interrupted },
        (RunPhase.Preparing or RunPhase.Running, RunResumed r) => this with
        {
            Recoveries = Recoveries + 1, Owner = r.Owner, AcceptHardware = AcceptHardware || r.AcceptHardware,
        },
        (RunPhase.Interrupted or RunPhase.Failed or RunPhase.Canceled, RunResumed r) => this with
        {
            Phase = Plan is null ? RunPhase.Preparing : RunPhase.Running, Owner = r.Owner, Error = "", EndedAt = 0,
            Failures = Failures.Clear(), AcceptHardware = AcceptHardware || r.AcceptHardware,
        },
        (RunPhase.Running, RunCompleted c) when AllDone => this with
        {
            Phase = RunPhase.Completed, EndedAt = c.At, Metrics = Metrics.SetItems(c.Metrics),
        },
        (RunPhase.Preparing or RunPhase.Running, RunFailed f) => this with { Phase = RunPhase.Failed, Error = f.Error, EndedAt = f.At },
        (not RunPhase.None and not RunPhase.Completed and not RunPhase.Canceled, RunCanceled c) => this with { Phase = RunPhase.Canceled, EndedAt = c.At },
        _ => throw new InvalidOperationException(
            $"journal of run {Submission?.Run ?? "?"}: {e.Descriptor.Name} cannot follow phase {Phase} with {Completed.Count} of {Shards.Count} shards done: {e}"),
    };

    /// <summary>The same state as one message, for snapshots and status.</summary>
    public RunSnapshot ToSnapshot()
    {
        var snapshot = new RunSnapshot
        {
            Submission = Submission, Plan = Plan, Phase = Phase.ToString(), Owner = Owner, Error = Error, Recoveries = Recoveries,
            AcceptedAt = AcceptedAt, EndedAt = EndedAt, AcceptHardware = AcceptHardware,
        };
        // In the plan's order: a snapshot of equal states has equal bytes.
        snapshot.Completed.AddRange(Shards.Where(s => Completed.ContainsKey(s.Id)).Select(s => Completed[s.Id]));
        foreach (var (name, value) in Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            snapshot.Metrics.Add(name, value);
        }

        foreach (var (shard, count) in Failures.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            snapshot.Failures.Add(shard, count);
        }

        return snapshot;
    }

    /// <summary>The state that a snapshot was made of.</summary>
    public static RunState FromSnapshot(RunSnapshot s) => new()
    {
        Phase = Enum.Parse<RunPhase>(s.Phase),
        Submission = s.Submission,
        Plan = s.Plan,
        Shards = s.Plan is null ? [] : ShardPlanner.Shards(s.Submission.Benchmark, s.Plan),
        Completed = s.Completed.ToImmutableDictionary(c => c.Shard, StringComparer.Ordinal),
        Failures = s.Failures.ToImmutableDictionary(StringComparer.Ordinal),
        Metrics = s.Metrics.ToImmutableDictionary(StringComparer.Ordinal),
        Owner = s.Owner,
        Error = s.Error,
        Recoveries = s.Recoveries,
        AcceptHardware = s.AcceptHardware,
        AcceptedAt = s.AcceptedAt,
        EndedAt = s.EndedAt,
    };
}
