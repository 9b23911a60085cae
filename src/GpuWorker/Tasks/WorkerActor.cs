using Akka.Actor;
using Akka.Cluster;
using ClusterBench.GpuWorker.Gangs;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// The process's mouth and ear in the cluster it is in at the moment: passes commands to the <see cref="ShardRunner"/>
/// and the <see cref="GangMember"/> and says, every
/// second and at every change, who it is, where it stands and what nobody has acknowledged yet.
/// </summary>
public sealed class WorkerActor : ReceiveActor, IWithTimers
{
    /// <summary>What a hello names in place of a shard while the process holds a place in a run's gang.</summary>
    private const string GangShard = "gang";
    private static readonly TimeSpan HelloInterval = TimeSpan.FromSeconds(1);

    private readonly ShardRunner runner;
    private readonly GangMember gang;
    private readonly WorkerCard card;
    private readonly IActorRef coordinator;
    private readonly IActorRef runs;
    private readonly Action changed;
    private bool welcome;

    /// <param name="runner">The process's work.</param>
    /// <param name="gang">The process's place in a gang.</param>
    /// <param name="card">What a hello says of the process.</param>
    /// <param name="coordinator">Proxy of the benchmark coordinator.</param>
    /// <param name="runs">Proxy of the runs.</param>
    public WorkerActor(ShardRunner runner, GangMember gang, WorkerCard card, IActorRef coordinator, IActorRef runs)
    {
        this.runner = runner;
        this.gang = gang;
        this.card = card;
        this.coordinator = coordinator;
        this.runs = runs;
        var self = Self;
        changed = () => self.Tell(Change.Instance);

        Receive<Tick>(_ => Say());
        Receive<Change>(_ => Say());
        Receive<RunShard>(m =>
        {
            runner.Start(m);
            Resend();
        });
        Receive<ShardAck>(runner.Acknowledge);
        Receive<PrepareGang>(gang.Prepare);
        Receive<StartGang>(gang.Start);
        Receive<AbortGang>(gang.Abort);
        Receive<StopGang>(gang.Stop);
        Receive<EpochAck>(gang.Acknowledge);
        Receive<CheckpointAck>(gang.Acknowledge);
        Receive<AbandonRun>(m =>
        {
            runner.Abandon(m.Run);
            gang.Abandon(m.Run);
        });
        Receive<WorkerWelcome>(_ => Welcome());
        Receive<WorkerRefused>(m => card.Refused(m.Reason));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        runner.Changed += changed;
        gang.Changed += changed;
        Timers.StartPeriodicTimer("hello", Tick.Instance, TimeSpan.Zero, HelloInterval);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        runner.Changed -= changed;
        gang.Changed -= changed;
    }

    private void Welcome()
    {
        if (!welcome)
        {
            welcome = true;
            card.Welcomed();
        }
    }

    private void Say()
    {
        // Without the probe digest a worker cannot be lent, so it is not there yet.
        if (!card.IsComplete)
        {
            return;
        }

        coordinator.Tell(card.Hello(runner.Current ?? (gang.Run is { } run ? (run, GangShard) : null), gang.IsDraining));
        // What may be counted first, then where the member stands: whoever hears that it is done has the epochs.
        Resend();
        if (gang.Report is { } report)
        {
            runs.Tell(report);
        }

        if (runner.Progress is { } progress)
        {
            runs.Tell(progress);
        }
    }

    private void Resend()
    {
        foreach (var result in runner.Unacknowledged.Concat(gang.Unacknowledged))
        {
            runs.Tell(result);
        }
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed class Change
    {
        public static readonly Change Instance = new();
    }
}
