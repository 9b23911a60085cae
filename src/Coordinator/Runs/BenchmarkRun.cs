using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using ClusterBench.Configs;
using ClusterBench.Coordinator.Output;
using ClusterBench.Coordinator.Runs.Gangs;
using ClusterBench.Faults;
using ClusterBench.Protocol;
using ClusterBench.Runs;
using Google.Protobuf;

namespace ClusterBench.Coordinator.Runs;

/// <summary>
/// One run: a persistent entity that hands its shards to the workers lent to it. Whatever matters is an event in its journal before
/// anybody hears of it; the rest (who works on what, how far) is rebuilt from what workers say. Every message may come twice.
/// </summary>
public sealed class BenchmarkRun : ReceivePersistentActor, IWithTimers
{
    /// <summary>After so many losses or errors of one shard in a row the run fails: the shard, not the worker, is at fault.</summary>
    private const int MaxFailuresOfAShard = 5;
    private const int EventsPerSnapshot = 200;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SilenceBeforeRepeat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan IdleAfterEnd = TimeSpan.FromSeconds(60);

    private readonly string id;
    private readonly RunContext context;
    private readonly LentWorkers lent = new();
    private readonly GangDriver gang;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private RunState state = RunState.Empty;
    private RunFiles? files;
    private bool endAcknowledged;
    private string? device;

    /// <param name="id">The run's id.</param>
    /// <param name="context">Clock, owner and the way to the benchmark coordinator.</param>
    public BenchmarkRun(string id, RunContext context)
    {
        this.id = id;
        this.context = context;
        gang = new GangDriver(new GangHost(() => state, Store, Fail, (path, message) => Context.ActorSelection(path).Tell(message), Return), lent, context);
        Recover<SnapshotOffer>(offer => state = RunState.FromSnapshot((RunSnapshot)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => Recovered());
        Recover<IMessage>(Replay);

        Command<AcceptRun>(Accept);
        Command<WorkerLent>(Lend);
        Command<WorkerGone>(Lost);
        Command<NoFitWorker>(m => lent.Unfit(m));
        Command<ShardDone>(Done);
        Command<ShardError>(Failed);
        Command<ShardProgress>(m => lent.Progress(m.Shard, m.Done, context.Time.GetUtcNow()));
        Command<GangReport>(m => gang.Hear(m, Sender));
        Command<EpochDone>(Done);
        Command<CheckpointDone>(Done);
        Command<CancelRun>(_ => Cancel());
        Command<ResumeRun>(Resume);
        Command<GetRun>(_ => Sender.Tell(Status()));
        Command<RunEndedAck>(_ => Ended());
        Command<Tick>(_ => OnTick());
        Command<ReceiveTimeout>(_ => Context.Parent.Tell(new Passivate(PoisonPill.Instance)));
        Command<SaveSnapshotSuccess>(_ => { });
        Command<SaveSnapshotFailure>(m => log.Warning("run {0}: snapshot failed: {1}", id, m.Cause.Message));
    }

    /// <inheritdoc />
    public override string PersistenceId => "run-" + id;

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // Nothing was acknowledged. The entity stops and is woken again by the coordinator's next AcceptRun.
        log.Error(cause, "run {0}: the journal refused event {1} ({2})", id, sequenceNr, @event.GetType().Name);
        context.Journal?.Consider(cause);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc />
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        log.Error(cause, "run {0}: event {1} ({2}) could not be written", id, sequenceNr, @event.GetType().Name);
        context.Journal?.Consider(cause);
        Context.Stop(Self);
    }

    // --- journal ---

    private void Replay(IMessage e)
    {
        state = state.Apply(e);
        Files()?.Append(LastSequenceNr, e);
    }

    private void Store(IMessage e, Action? then = null) => Persist(e, stored =>
    {
        state = state.Apply(stored);
        Files()?.Append(LastSequenceNr, stored);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(state.ToSnapshot());
        }

        then?.Invoke();
    });

    private RunFiles? Files() => files ??= state.Submission is null ? null : new RunFiles(state.Submission, log);

    private void Recovered()
    {
        Timers.StartPeriodicTimer("tick", Tick.Instance, TickInterval);
        if (state.IsOpen && state.Owner != context.Owner)
        {
            Store(new RunInterrupted { At = context.Now(), Reason = "the call that owned it has ended" });
        }
        else if (state.IsOpen)
        {
            gang.Recover(survived: true);
            Store(new RunResumed { At = context.Now(), Reason = "coordinator restarted", Owner = context.Owner }, Advance);
        }
        else if (state.IsEnded)
        {
            TellEnded();
        }
    }

    // --- commands ---

    private void Accept(AcceptRun m)
    {
        if (state.Phase != RunPhase.None)
        {
            Sender.Tell(new RunAcceptedAck { Run = id });
            return;
        }

        var sender = Sender;
        Store(new RunAccepted { At = context.Now(), Submission = m.Submission, Owner = m.Owner }, () =>
        {
            Files()!.WriteConfig();
            sender.Tell(new RunAcceptedAck { Run = id });
            if (m.Owner != context.Owner)
            {
                Store(new RunInterrupted { At = context.Now(), Reason = "the call that owned it has ended" });
            }
            else
            {
                Advance();
            }
        });
    }

    private void Lend(WorkerLent m)
    {
        if (!state.IsOpen)
        {
            Return(m.Worker, m.Incarnation);
            return;
        }

        lent.Add(m, state.Pending(m.Shard)?.Id, context.Time.GetUtcNow());
        Advance();
    }

    private void Done(ShardDone m)
    {
        var ack = new ShardAck { Run = id, Shard = m.Result.Shard };
        var sender = Sender;
        lent.Free(m.Result.Shard, m.Result.Worker);
        if (state.Pending(m.Result.Shard) is null)
        {
            // Counted already, or not wanted any more: either way the worker may forget it.
            sender.Tell(ack);
            Advance();
            return;
        }

        Fault.Point(FaultPoints.ShardBeforePersist);
        IMessage e = m.Result.Shard == ShardPlanner.Prepare.Id ? m.Plan : m.Result;
        Store(e, () =>
        {
            Fault.Point(e is PlanMade ? FaultPoints.RunAfterPlan : FaultPoints.ShardAfterPersist);
            sender.Tell(ack);
            Advance();
        });
    }

    private void Failed(ShardError m)
    {
        Sender.Tell(new ShardAck { Run = id, Shard = m.Shard });
        lent.Free(m.Shard, m.Worker);
        if (state.Pending(m.Shard) is null)
        {
            Advance();
        }
        else if (m.Fatal)
        {
            Fail(m.Reason);
        }
        else
        {
            Repeat(m.Shard, m.Worker, m.Incarnation, m.Reason);
        }
    }

    /// <summary>Every member of a gang says it; the first one counts.</summary>
    private void Done(EpochDone m)
    {
        var ack = new EpochAck { Run = id, Epoch = m.Result.Epoch };
        if (!state.IsNews(m.Result))
        {
            // One that comes before its predecessor is said again until its turn comes.
            if (m.Result.Epoch <= state.Epochs.Count || !state.IsOpen)
            {
                Sender.Tell(ack);
            }

            return;
        }

        var sender = Sender;
        Store(m.Result, () =>
        {
            sender.Tell(ack);
            Advance();
        });
    }

    private void Done(CheckpointDone m)
    {
        var ack = new CheckpointAck { Run = id, Step = m.Result.Step, Generation = m.Result.Generation };
        // The journal never names a file that is not there: one that was taken for rubbish meanwhile is not news.
        if (!state.IsNews(m.Result) || !CheckpointFiles.IsThere(m.Result))
        {
            Sender.Tell(ack);
            return;
        }

        Fault.Point(FaultPoints.CheckpointBeforePersist);
        var sender = Sender;
        Store(m.Result, () =>
        {
            Files()!.KeepCheckpoints(state);
            sender.Tell(ack);
            Advance();
        });
    }

    private void Lost(WorkerGone m)
    {
        gang.Gone(m.Worker, m.Incarnation, m.Replaced);
        var shard = lent.Remove(m.Worker, m.Incarnation);
        if (shard is not null && state.Pending(shard) is not null)
        {
            Repeat(shard, m.Worker, m.Incarnation, m.Reason);
        }
        else if (state.Trains)
        {
            Advance();
        }
    }

    private void Fail(string error) => Store(new RunFailed { At = context.Now(), Error = error }, End);

    private void Repeat(string shard, string worker, string incarnation, string reason) =>
        Store(new ShardFailed { At = context.Now(), Shard = shard, Worker = worker, Incarnation = incarnation, Reason = reason }, () =>
        {
            if (state.Failures[shard] >= MaxFailuresOfAShard)
            {
                Fail($"shard {shard} failed {MaxFailuresOfAShard} times in a row, the last time on {worker}: {reason}");
            }
            else
            {
                Advance();
            }
        });

    private void Cancel()
    {
        switch (state.Phase)
        {
            case RunPhase.None:
                Sender.Tell(RunReplies.Unknown(id));
                break;
            case RunPhase.Completed:
                Sender.Tell(RunReplies.Refuse(409, $"run {id} is completed: there is nothing to cancel."));
                break;
            case RunPhase.Canceled:
                Sender.Tell(RunReplies.Accepted);
                break;
            default:
                var sender = Sender;
                Store(new RunCanceled { At = context.Now() }, () =>
                {
                    sender.Tell(RunReplies.Accepted);
                    End();
                });
                break;
        }
    }

    private void Resume(ResumeRun m)
    {
        if (state.Phase is RunPhase.None or RunPhase.Completed)
        {
            Sender.Tell(state.Phase == RunPhase.None ? RunReplies.Unknown(id) : RunReplies.Refuse(409, $"run {id} is completed: there is nothing to resume."));
            return;
        }

        if (state.IsOpen && !m.AcceptHardware)
        {
            Sender.Tell(RunReplies.Accepted);
            return;
        }

        var sender = Sender;
        var reason = m.AcceptHardware ? "resumed; another kind of machine is accepted: equality of bits is not promised from here on" : "resumed";
        Store(new RunResumed { At = context.Now(), Reason = reason, Owner = context.Owner, AcceptHardware = m.AcceptHardware }, () =>
        {
            endAcknowledged = false;
            gang.Recover(survived: false);
            sender.Tell(RunReplies.Accepted);
            Advance();
        });
    }

    // --- the work ---

    /// <summary>Hands out what can be handed out, asks for workers, and ends the run when all is done.</summary>
    private void Advance()
    {
        if (!state.IsOpen)
        {
            return;
        }

        if (state.AllDone)
        {
            Fault.Point(FaultPoints.RunBeforeCompleted);
            var completed = new RunCompleted { At = context.Now() };
            foreach (var metric in (state.Trains ? state.Epochs[^1].Metrics : state.Completed.Values.SelectMany(c => c.Metrics)).OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                completed.Metrics.Add(metric.Key, metric.Value);
            }

            Store(completed, End);
            return;
        }

        foreach (var shard in state.Ready().Where(s => !lent.IsAssigned(s.Id)).ToList())
        {
            if (lent.Assign(shard.Id, context.Time.GetUtcNow()) is not { } worker)
            {
                break;
            }

            Send(worker, shard);
        }

        gang.Advance();
        foreach (var worker in state.Trains ? lent.Idle().Skip(state.Plan!.Training.VirtualRanks).ToList() : lent.Idle())
        {
            Return(worker.Worker, worker.Incarnation);
            lent.Remove(worker.Worker, worker.Incarnation);
        }

        AskForWorkers();
    }

    private void AskForWorkers()
    {
        var wanted = state.Trains ? gang.Wanted : state.Ready().Count(s => !lent.IsAssigned(s.Id));
        var digest = state.Plan is null || state.AcceptHardware ? "" : state.Plan.ProbeDigest;
        context.Coordinator.Tell(new RunWants { Run = id, Workers = wanted, ProbeDigest = digest, Device = Device() }, Self);
    }

    /// <summary>What the run is computed on, by its config: <c>cpu</c> or <c>cuda</c>.</summary>
    private string Device()
    {
        try
        {
            return device ??= RunConfigText.Parse(state.Submission!.ConfigText, $"config of run {id}").Device;
        }
        catch (UserErrorException)
        {
            return "";
        }
    }

    private void Send(LentWorker worker, Shard shard)
    {
        var message = new RunShard { Run = id, Shard = shard.Id, Submission = state.Submission, Plan = state.Plan };
        message.Inputs.AddRange(state.Shards.Where(s => ShardPlanner.Reads(shard, s)).Select(s => state.Completed[s.Id]));
        Context.ActorSelection(worker.Path).Tell(message);
    }

    private void End()
    {
        ReleaseWorkers();
        if (state.Phase == RunPhase.Completed)
        {
            Fault.Point(FaultPoints.RunBeforeResults);
        }

        TellEnded();
    }

    private void TellEnded()
    {
        // Derived from the journal, and written before the coordinator forgets the run: a crash in between writes it again.
        if (state.Phase == RunPhase.Completed)
        {
            if (state.Trains)
            {
                Files()!.KeepCheckpoints(state);
            }

            Files()!.WriteResults(state);
        }

        context.Coordinator.Tell(new RunEnded { Run = id, Status = RunViews.StatusOf(state.Phase) }, Self);
    }

    private void Ended()
    {
        endAcknowledged = state.IsEnded;
        Context.SetReceiveTimeout(IdleAfterEnd);
    }

    private void ReleaseWorkers()
    {
        foreach (var worker in lent.All)
        {
            if (worker.Shard is not null || state.Trains)
            {
                Context.ActorSelection(worker.Path).Tell(new AbandonRun { Run = id });
            }

            Return(worker.Worker, worker.Incarnation);
        }

        lent.Clear();
        context.Coordinator.Tell(new RunWants { Run = id, Workers = 0 }, Self);
    }

    private void Return(string worker, string incarnation) =>
        context.Coordinator.Tell(new WorkerReturned { Run = id, Worker = worker, Incarnation = incarnation }, Self);

    private void OnTick()
    {
        if (state.IsEnded && !endAcknowledged)
        {
            TellEnded();
        }

        if (!state.IsOpen)
        {
            return;
        }

        lent.Forget();

        // A worker at a shard speaks of it every second. Where it does not, the order or the result was lost: it is said again, and
        // the worker takes it up, or repeats its result, or ignores what it is at already.
        foreach (var worker in lent.Silent(context.Time.GetUtcNow() - SilenceBeforeRepeat))
        {
            if (state.Pending(worker.Shard!) is { } shard)
            {
                Send(worker, shard);
            }
        }

        gang.Repeat();
        Advance();
    }

    private RunStatus Status()
    {
        if (state.Phase == RunPhase.None)
        {
            return new RunStatus { Run = id, Known = false };
        }

        var working = state.Trains ? gang.Gang is { Phase: GangPhase.Running or GangPhase.Stopping } : lent.All.Any(w => w.Shard is not null);
        var status = new RunStatus
        {
            Run = id,
            Known = true,
            State = state.ToSnapshot(),
            Status = state.IsOpen && !working ? (state.Phase == RunPhase.Preparing && state.Recoveries == 0 ? "queued" : "waiting") : RunViews.StatusOf(state.Phase),
            WaitingFor = state.IsOpen && !working ? lent.Explain(state.Plan, Device()) : "",
            ImagesDone = lent.ImagesInWork,
        };
        if (state.Trains && gang.Gang is { Newest: { } newest } present)
        {
            status.Training = new TrainingProgress
            {
                Generation = present.Generation, Step = Math.Max(0, newest.Step), Loss = newest.Loss, LearningRate = newest.LearningRate,
                ImagesPerSecond = newest.ImagesPerSecond, DataShare = newest.DataShare,
            };
        }

        status.Workers.AddRange(lent.All.Select(w => w.Worker).Order(StringComparer.Ordinal));
        return status;
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
