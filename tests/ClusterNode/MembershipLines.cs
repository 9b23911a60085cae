using Akka.Actor;
using Akka.Cluster;

namespace ClusterBench.Tests.ClusterNode;

/// <summary>Prints each event of the membership as a line, e.g. <c>MemberUp akka.tcp://clusterbench@127.0.0.1:4711</c>.</summary>
internal sealed class MembershipLines : ReceiveActor
{
    public MembershipLines()
    {
        Receive<ClusterEvent.IMemberEvent>(static e => Console.WriteLine($"{e.GetType().Name} {e.Member.Address} {e.Member.UniqueAddress.Uid}"));
        Receive<ClusterEvent.IReachabilityEvent>(static e => Console.WriteLine($"{e.GetType().Name} {Of(e).Address} {Of(e).UniqueAddress.Uid}"));
        Receive<ClusterEvent.ClusterShuttingDown>(_ => Context.Stop(Self));
    }

    public static Props Props { get; } = Props.Create(() => new MembershipLines());

    protected override void PreStart() => Akka.Cluster.Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent), typeof(ClusterEvent.ClusterShuttingDown));

    private static Member Of(ClusterEvent.IReachabilityEvent e) => e switch
    {
        ClusterEvent.UnreachableMember lost => lost.Member,
        ClusterEvent.ReachableMember found => found.Member,
        _ => throw new InvalidOperationException(e.ToString()),
    };
}
