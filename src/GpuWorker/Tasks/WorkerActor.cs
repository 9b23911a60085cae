using Akka.Actor;
using Akka.Cluster;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// The process's mouth and ear in the cluster it is in at the moment: passes commands to the <see cref="ShardRunner"/> and says, every
/// second and at every change, who it is, where it stands and what nobody has acknowledged yet.
/// </summary>
public sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan HelloInterval = TimeSpan.FromSeconds(1);

    private readonly ShardRunner runner;
    private readonly WorkerCard card;
    private readonly IActorRef coordinator;
    private readonly IActorRef runs;
    private readonly Action changed;
    private bool welcome;

    /// <param name="runner">The process's work.</param>
    /// <param name="card">What a hello says of the process.</param>
    /// <param name="coordinator">Proxy of the benchmark coordinator.</param>
    /// <param name="runs">Proxy of the runs.</param>
    public WorkerActor(ShardRunner runner, WorkerCard card, IActorRef coordinator, IActorRef runs)
    {
        this.runner = runner;
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
        Receive<AbandonRun>(m => runner.Abandon(m.Run));
        Receive<WorkerWelcome>(_ => Welcome());
        Receive<WorkerRefused>(m => card.Refused(m.Reason));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        runner.Changed += changed;
        Timers.StartPeriodicTimer("hello", Tick.Instance, TimeSpan.Zero, HelloInterval);
    }

    /// <inheritdoc />
    protected override void PostStop() => runner.Changed -= changed;

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

        coordinator.Tell(card.Hello(runner.Current));
        Resend();
        if (runner.Progress is { } progress)
        {
            runs.Tell(progress);
        }
    }

    private void Resend()
    {
        foreach (var result in runner.Unacknowledged)
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
