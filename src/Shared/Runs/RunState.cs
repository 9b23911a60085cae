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

    /// <summary>Checkpoints that are kept beside those that the config wants: where the newest is damaged, the one before is taken.</summary>
    public const int CheckpointsKept = 2;

    public RunPhase Phase { get; private init; }
    public SubmissionData? Submission { get; private init; }
    public PlanMade? Plan { get; private init; }
    public IReadOnlyList<Shard> Shards { get; private init; } = [];
    public ImmutableDictionary<string, ShardCompleted> Completed { get; private init; } = ImmutableDictionary.Create<string, ShardCompleted>(StringComparer.Ordinal);
    /// <summary>How often in a row a shard was lost or failed.</summary>
    public ImmutableDictionary<string, int> Failures { get; private init; } = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);
    public ImmutableDictionary<string, double> Metrics { get; private init; } = ImmutableDictionary.Create<string, double>(StringComparer.Ordinal);
    /// <summary>All gangs of a run that trains, in order.</summary>
    public ImmutableList<GangFormed> Gangs { get; private init; } = [];
    /// <summary>Where those of them that got ready went on from.</summary>
    public ImmutableList<GangStarted> Starts { get; private init; } = [];
    /// <summary>The newest checkpoints, oldest first: what a gang without a living member goes on from.</summary>
    public ImmutableList<CheckpointWritten> Checkpoints { get; private init; } = [];
    /// <summary>Completed epochs, in order.</summary>
    public ImmutableList<EpochCompleted> Epochs { get; private init; } = [];
    /// <summary>Gangs in a row that applied no step that is known of.</summary>
    public int FruitlessGangs { get; private init; }
    public string Owner { get; private init; } = "";
    public string Error { get; private init; } = "";
    /// <summary>Lost workers and restarts of the coordinator that the run survived.</summary>
    public int Recoveries { get; private init; }
    public bool AcceptHardware { get; private init; }
    public long AcceptedAt { get; private init; }
    public long EndedAt { get; private init; }

    public bool IsOpen => Phase is RunPhase.Preparing or RunPhase.Running;

    public bool IsEnded => Phase is RunPhase.Completed or RunPhase.Failed or RunPhase.Canceled;

    /// <summary>The plan trains: there are epochs and gangs, and no shards.</summary>
    public bool Trains => Plan?.Training is not null;

    /// <summary>The newest gang; its generation is never used again.</summary>
    public GangFormed? Gang => Gangs.LastOrDefault();

    /// <summary>Steps of the whole training.</summary>
    public long Steps => Plan?.Training is { } t ? (long)t.Epochs * t.StepsPerEpoch : 0;

    /// <summary>Every shard of the plan is done; of a training every epoch, and its last state is in a file.</summary>
    public bool AllDone => Phase == RunPhase.Running
        && (Trains ? Epochs.Count == Plan!.Training.Epochs && Checkpoints.Any(c => c.Step == Steps) : Completed.Count == Shards.Count);

    /// <summary>
    /// Whether a checkpoint is news: it is of a later step than all that are known, or of a later generation, which would not be at an
    /// earlier step if the later files were whole.
    /// </summary>
    public bool IsNews(CheckpointWritten c) =>
        Phase == RunPhase.Running && Trains && Checkpoints.All(known => known.Generation < c.Generation || (known.Generation == c.Generation && known.Step < c.Step));

    /// <summary>Whether an epoch is news.</summary>
    public bool IsNews(EpochCompleted e) => Phase == RunPhase.Running && Trains && e.Epoch == Epochs.Count + 1;

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
        (RunPhase.Running, GangFormed g) when Trains && g.Generation > (Gang?.Generation ?? 0) => this with
        {
            Gangs = Gangs.Add(g), FruitlessGangs = FruitlessGangs + 1, Recoveries = Recoveries + (g.Lost.Count > 0 ? 1 : 0),
        },
        (RunPhase.Running, GangStarted s) when s.Generation == Gang?.Generation => this with
        {
            Starts = Starts.Add(s), FruitlessGangs = Starts.LastOrDefault() is { } before && s.Step <= before.Step ? FruitlessGangs : 1,
        },
        (RunPhase.Running, CheckpointWritten c) when IsNews(c) => this with
        {
            Checkpoints = [.. Checkpoints.RemoveAll(known => known.Step >= c.Step).Add(c).TakeLast(CheckpointsKept)], FruitlessGangs = 0,
        },
        (RunPhase.Running, EpochCompleted c) when IsNews(c) => this with { Epochs = Epochs.Add(c), FruitlessGangs = 0 },
        (RunPhase.Preparing or RunPhase.Running, RunInterrupted) => this with { Phase = RunPhase.Interrupted },
        (RunPhase.Preparing or RunPhase.Running, RunResumed r) => this with
        {
            Recoveries = Recoveries + 1, Owner = r.Owner, AcceptHardware = AcceptHardware || r.AcceptHardware,
        },
        (RunPhase.Interrupted or RunPhase.Failed or RunPhase.Canceled, RunResumed r) => this with
        {
            Phase = Plan is null ? RunPhase.Preparing : RunPhase.Running, Owner = r.Owner, Error = "", EndedAt = 0,
            Failures = Failures.Clear(), FruitlessGangs = 0, AcceptHardware = AcceptHardware || r.AcceptHardware,
        },
        (RunPhase.Running, RunCompleted c) when AllDone => this with
        {
            Phase = RunPhase.Completed, EndedAt = c.At, Metrics = Metrics.SetItems(c.Metrics),
        },
        (RunPhase.Preparing or RunPhase.Running, RunFailed f) => this with { Phase = RunPhase.Failed, Error = f.Error, EndedAt = f.At },
        (not RunPhase.None and not RunPhase.Completed and not RunPhase.Canceled, RunCanceled c) => this with { Phase = RunPhase.Canceled, EndedAt = c.At },
        _ => throw new InvalidOperationException(
            $"journal of run {Submission?.Run ?? "?"}: {e.Descriptor.Name} cannot follow phase {Phase} with {Completed.Count} of {Shards.Count} shards and {Epochs.Count} epochs done, generation {Gang?.Generation ?? 0}: {e}"),
    };

    /// <summary>The same state as one message, for snapshots and status.</summary>
    public RunSnapshot ToSnapshot()
    {
        var snapshot = new RunSnapshot
        {
            Submission = Submission, Plan = Plan, Phase = Phase.ToString(), Owner = Owner, Error = Error, Recoveries = Recoveries,
            AcceptedAt = AcceptedAt, EndedAt = EndedAt, AcceptHardware = AcceptHardware, FruitlessGangs = FruitlessGangs,
        };
        snapshot.Gangs.AddRange(Gangs);
        snapshot.Starts.AddRange(Starts);
        snapshot.Checkpoints.AddRange(Checkpoints);
        snapshot.Epochs.AddRange(Epochs);
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
        Gangs = [.. s.Gangs],
        Starts = [.. s.Starts],
        Checkpoints = [.. s.Checkpoints],
        Epochs = [.. s.Epochs],
        FruitlessGangs = s.FruitlessGangs,
        Owner = s.Owner,
        Error = s.Error,
        Recoveries = s.Recoveries,
        AcceptHardware = s.AcceptHardware,
        AcceptedAt = s.AcceptedAt,
        EndedAt = s.EndedAt,
    };
}
