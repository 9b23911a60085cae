using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Persistence;
using ClusterBench.Coordinator.Runs;
using ClusterBench.Cluster;
using ClusterBench.Faults;
using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.Coordinator.Queue;

/// <summary>
/// The cluster's one coordinator of benchmarks: the queue of runs and the register of workers. It persists which runs are open and
/// nothing else; who works on what is told by the workers themselves, again after every restart.
/// </summary>
public sealed class BenchmarkCoordinator : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 200;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    /// <summary>After a restart with open runs, workers get this long to say what they are at before anything is lent; less when all have said it.</summary>
    private static readonly TimeSpan LendAfterRestart = TimeSpan.FromSeconds(5);

    private readonly CoordinatorContext context;
    private readonly RunQueue queue = new();
    private readonly WorkerRegister register;
    private readonly HashSet<string> unacknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> spoke = new(StringComparer.Ordinal);
    private readonly Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter log = Context.GetLogger();
    private DateTimeOffset lendFrom;

    /// <param name="context">Clock, owner, and the way to the runs.</param>
    public BenchmarkCoordinator(CoordinatorContext context)
    {
        this.context = context;
        register = new WorkerRegister(context.Time);
        Recover<SnapshotOffer>(o => queue.Load((CoordinatorSnapshot)o.Snapshot));
        Recover<RunQueued>(queue.Apply);
        Recover<RunClosed>(queue.Apply);
        Recover<RunReopened>(queue.Apply);
        Recover<RecoveryCompleted>(_ => Recovered());

        Command<WorkerHello>(Hello);
        Command<WorkerReturned>(m => { register.Return(m); Lend(); });
        Command<RunWants>(m => { spoke[m.Run] = context.Time.GetUtcNow(); queue.Want(m); Lend(); });
        Command<RunAcceptedAck>(m => unacknowledged.Remove(m.Run));
        Command<RunEnded>(Ended);
        Command<SubmitRun>(Submit);
        Command<CancelRun>(m => ToKnownRun(m.Run, m));
        Command<ResumeRun>(Resume);
        Command<GetRuns>(_ => Sender.Tell(queue.List()));
        Command<GetWorkers>(_ => Sender.Tell(register.List()));
        // Declared dead is enough: the removal follows only when all others have heard of it.
        Command<ClusterEvent.MemberDowned>(m => Removed(m.Member.Address));
        Command<ClusterEvent.MemberRemoved>(m => Removed(m.Member.Address));
        Command<ClusterEvent.CurrentClusterState>(_ => { });
        Command<Tick>(_ => OnTick());
        Command<SaveSnapshotSuccess>(_ => { });
        Command<SaveSnapshotFailure>(m => log.Warning("snapshot of the coordinator failed: {0}", m.Cause.Message));
    }

    /// <summary>An open run says every second what it could use; one that is silent for this long has died with a failed write and is woken.</summary>
    private static readonly TimeSpan WakeAfter = TimeSpan.FromSeconds(30);

    /// <summary>The singleton's persistence id.</summary>
    public const string Id = "coordinator";

    /// <inheritdoc />
    public override string PersistenceId => Id;

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved));
        base.PreStart();
    }

    /// <inheritdoc />
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        GiveUp($"event {sequenceNr} ({@event.GetType().Name}) could not be written", cause);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc />
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        GiveUp("it could not be read", reason);
        base.OnRecoveryFailure(reason, message);
    }

    /// <summary>Without its journal the queue cannot go on, and nobody restarts a stopped singleton: the process ends and is started again.</summary>
    private void GiveUp(string what, Exception cause)
    {
        context.Journal?.Consider(cause);
        log.Error("journal of the coordinator: {0}: {1}. Nothing was acknowledged that is not stored; the coordinator ends, and whoever started it starts it again.", what, cause.Message);
        _ = CoordinatedShutdown.Get(Context.System).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
    }

    private void Recovered()
    {
        var open = queue.Open.ToList();
        lendFrom = context.Time.GetUtcNow() + (open.Count > 0 ? LendAfterRestart : TimeSpan.Zero);
        unacknowledged.UnionWith(open.Select(r => r.Submission.Run));
        SendUnacknowledged();
        Timers.StartPeriodicTimer("tick", Tick.Instance, TickInterval);
    }

    private void Store(IMessage e, Action then) => Persist(e, stored =>
    {
        queue.Apply(stored);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(queue.Snapshot());
        }

        then();
    });

    // --- runs ---

    private void Submit(SubmitRun m)
    {
        var run = m.Submission.Run;
        if (queue.Find(run) is { } known)
        {
            Sender.Tell(known.Submission.Hash == m.Submission.Hash
                ? RunReplies.Accepted
                : RunReplies.Refuse(409, $"run {run} exists with another hash ({known.Submission.Hash[..8]} instead of {m.Submission.Hash[..8]}): choose another id."));
            return;
        }

        var sender = Sender;
        Store(new RunQueued { At = context.Now(), Submission = m.Submission, Owner = context.Owner }, () =>
        {
            Fault.Point(FaultPoints.RunAfterQueued);
            sender.Tell(RunReplies.Accepted);
            unacknowledged.Add(run);
            SendUnacknowledged();
        });
    }

    private void Resume(ResumeRun m)
    {
        if (queue.Find(m.Run) is not { Closed: true })
        {
            ToKnownRun(m.Run, m);
            return;
        }

        var sender = Sender;
        Store(new RunReopened { At = context.Now(), Run = m.Run }, () => context.Runs.Tell(m, sender));
    }

    private void ToKnownRun(string run, object message)
    {
        if (queue.Find(run) is null)
        {
            Sender.Tell(RunReplies.Unknown(run));
        }
        else
        {
            context.Runs.Tell(message, Sender);
        }
    }

    private void Ended(RunEnded m)
    {
        var sender = Sender;
        if (queue.Find(m.Run) is not { Closed: false })
        {
            sender.Tell(new RunEndedAck { Run = m.Run });
            return;
        }

        Store(new RunClosed { At = context.Now(), Run = m.Run, Status = m.Status }, () =>
        {
            register.ReturnAll(m.Run);
            sender.Tell(new RunEndedAck { Run = m.Run });
            Lend();
        });
    }

    private void SendUnacknowledged()
    {
        foreach (var run in unacknowledged)
        {
            var known = queue.Find(run)!;
            context.Runs.Tell(new AcceptRun { Submission = known.Submission, Owner = known.Owner }, Self);
        }
    }

    // --- workers ---

    private void Hello(WorkerHello m)
    {
        if (m.ProtocolVersion != WireTypes.ProtocolVersion)
        {
            Sender.Tell(new WorkerRefused
            {
                Reason = $"worker {m.Worker} (ClusterBench {m.ProgramVersion}) speaks protocol {m.ProtocolVersion}, the coordinator (ClusterBench {ProgramInfo.Version}) speaks {WireTypes.ProtocolVersion}: install the same version on both.",
            });
            return;
        }

        foreach (var gone in register.Hello(m, Sender.Path))
        {
            TellGone(gone, "it was started again", replaced: true);
        }

        Sender.Tell(new WorkerWelcome { Term = 0 });
        if (m.Run.Length > 0)
        {
            Adopt(m);
        }

        Lend();
    }

    /// <summary>A worker is at a shard: its run learns of it (after a restart of the coordinator), or it is told to stop.</summary>
    private void Adopt(WorkerHello m)
    {
        if (queue.Find(m.Run) is not { Closed: false })
        {
            Sender.Tell(new AbandonRun { Run = m.Run });
        }
        else if (register.LendTo(m.Worker, m.Run))
        {
            context.Runs.Tell(Loan(register.Find(m.Worker)!, m.Run, m.Shard), Self);
        }
    }

    private void Lend()
    {
        if (!MayLend())
        {
            return;
        }

        foreach (var wish in queue.Wishes().ToList())
        {
            var missing = wish.Workers;
            if (register.WithoutDevice(wish.Device) is { } other)
            {
                context.Runs.Tell(NoFit(other, wish.Run, other.Device), Self);
            }

            foreach (var worker in register.Free(wish.Device).ToList())
            {
                if (missing == 0)
                {
                    break;
                }

                if (wish.ProbeDigest.Length > 0 && worker.Hello.ProbeDigest != wish.ProbeDigest)
                {
                    context.Runs.Tell(NoFit(worker.Hello, wish.Run, device: ""), Self);
                    continue;
                }

                register.LendTo(worker.Hello.Worker, wish.Run);
                context.Runs.Tell(Loan(worker, wish.Run, ""), Self);
                missing--;
            }

            queue.Want(new RunWants(wish) { Workers = missing });
        }
    }

    /// <summary>Not while a worker of the cluster that lived on may be at a shard that nobody has told of yet.</summary>
    private bool MayLend()
    {
        if (context.Time.GetUtcNow() < lendFrom)
        {
            var workers = cluster.State.Members.Where(static m => m.HasRole(ClusterNames.WorkerRole)).ToList();
            if (workers.Count == 0 || !workers.TrueForAll(m => register.Knows(m.Address)))
            {
                return false;
            }

            lendFrom = DateTimeOffset.MinValue;
        }

        return true;
    }

    private static NoFitWorker NoFit(WorkerHello hello, string run, string device)
    {
        var m = new NoFitWorker { Run = run, Worker = hello.Worker, Device = device };
        m.Machine.Add(hello.Machine);
        return m;
    }

    private static WorkerLent Loan(RegisteredWorker worker, string run, string shard) => new()
    {
        Run = run, Worker = worker.Hello.Worker, Incarnation = worker.Hello.Incarnation, Path = worker.Path.ToString(), Shard = shard,
        DataHost = worker.Hello.DataHost, DataPort = worker.Hello.DataPort,
    };

    private void Removed(Address address)
    {
        foreach (var gone in register.Remove(address))
        {
            log.Info("worker {0} ({1}) left the cluster", gone.Hello.Worker, address);
            TellGone(gone, "it left the cluster", replaced: false);
        }
    }

    private void TellGone(RegisteredWorker gone, string reason, bool replaced)
    {
        if (gone.Run is not null)
        {
            context.Runs.Tell(new WorkerGone { Run = gone.Run, Worker = gone.Hello.Worker, Incarnation = gone.Hello.Incarnation, Reason = reason, Replaced = replaced }, Self);
        }
    }

    private void OnTick()
    {
        var now = context.Time.GetUtcNow();
        foreach (var run in queue.Open.Select(r => r.Submission.Run))
        {
            if (now - spoke.GetValueOrDefault(run) > WakeAfter)
            {
                spoke[run] = now;
                unacknowledged.Add(run);
            }
        }

        SendUnacknowledged();
        Lend();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
