using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using ClusterBench.Cluster;

namespace ClusterBench.Coordinator.Membership;

/// <summary>
/// Declares members dead; configured on the coordinator alone (hocon/coordinator.hocon), which is the coordinator because it
/// holds the journal's lease. Hence it may decide without asking the others, and never about itself: a member unreachable for
/// <c>clusterbench.membership.down-after</c> is down, whatever its status; one whose connection broke and on whose port nobody
/// listens any more is down at once, because its process has ended; and another member with the role coordinator is down
/// at once, because the lease says that its process is gone.
/// </summary>
public sealed class LeaseHolderDowning(ActorSystem system, Akka.Cluster.Cluster cluster) : IDowningProvider
{
    /// <summary>None: whoever wrote the journal before is dead already.</summary>
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    /// <summary>The actor that Akka starts beside the cluster's own.</summary>
    public Props DowningActorProps
    {
        get
        {
            var downAfter = system.Settings.Config.GetTimeSpan("clusterbench.membership.down-after", TimeSpan.FromSeconds(5));
            return Props.Create(() => new LeaseHolderDowningActor(cluster, downAfter, TimeProvider.System));
        }
    }
}

internal sealed class LeaseHolderDowningActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private sealed class Look
    {
        public static readonly Look Now = new();
    }

    private sealed record ProcessEnded(UniqueAddress Member);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly TimeProvider time;
    private readonly long start;
    private readonly TimeSpan downAfter;
    private readonly UnreachableMembers unreachable;
    private readonly ILoggingAdapter log = Context.GetLogger();

    public ITimerScheduler Timers { get; set; } = null!;

    public LeaseHolderDowningActor(Akka.Cluster.Cluster cluster, TimeSpan downAfter, TimeProvider time)
    {
        this.cluster = cluster;
        this.time = time;
        this.downAfter = downAfter;
        start = time.GetTimestamp();
        unreachable = new UnreachableMembers(cluster.SelfUniqueAddress, downAfter);
        Receive<ClusterEvent.UnreachableMember>(e =>
        {
            unreachable.Lost(e.Member.UniqueAddress, time.GetElapsedTime(start));
            Probe(e.Member.Address);
        });
        Receive<DisassociatedEvent>(e => Probe(e.RemoteAddress));
        Receive<ProcessEnded>(e => DownTheEnded(e.Member));
        Receive<ClusterEvent.ReachableMember>(e => unreachable.Forget(e.Member.UniqueAddress));
        Receive<ClusterEvent.MemberRemoved>(e => unreachable.Forget(e.Member.UniqueAddress));
        Receive<ClusterEvent.IMemberEvent>(e => DownPredecessor(e.Member));
        Receive<Look>(_ => DownTheLost());
    }

    protected override void PreStart()
    {
        cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Timers.StartPeriodicTimer("look", Look.Now, Interval);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        cluster.Unsubscribe(Self);
    }

    private void DownTheLost()
    {
        foreach (var member in unreachable.Due(time.GetElapsedTime(start)))
        {
            log.Warning("Declaring {0} dead: unreachable for more than {1} s.", member.Address, downAfter.TotalSeconds);
            cluster.Down(member.Address);
        }
    }

    private void Probe(Address address)
    {
        var member = cluster.State.Members.FirstOrDefault(m => m.Address == address && m.UniqueAddress != cluster.SelfUniqueAddress);
        if (member is not { Status: MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up })
        {
            // Who leaves in order closes its port as well.
            return;
        }

        var self = Self;
        _ = Task.Run(async () =>
        {
            if (!await PortProbe.MayLiveAsync(address, CancellationToken.None))
            {
                self.Tell(new ProcessEnded(member.UniqueAddress));
            }
        });
    }

    private void DownTheEnded(UniqueAddress ended)
    {
        // By address alone a successor that has joined meanwhile could be hit.
        if (cluster.State.Members.Any(m => m.UniqueAddress == ended && m.Status != MemberStatus.Down))
        {
            log.Warning("Declaring {0} dead: nobody listens on its port any more.", ended.Address);
            cluster.Down(ended.Address);
        }
    }

    private void DownPredecessor(Member member)
    {
        // At the own address the cluster itself puts the newcomer in the place of its predecessor.
        if (member.HasRole(ClusterNames.CoordinatorRole) && member.Address != cluster.SelfAddress
            && member.Status is not (MemberStatus.Down or MemberStatus.Removed))
        {
            log.Warning("Declaring {0} dead: it was the coordinator, and this process holds the journal's lease now.", member.Address);
            cluster.Down(member.Address);
        }
    }
}
