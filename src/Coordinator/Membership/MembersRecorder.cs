using Akka.Actor;
using Akka.Cluster;
using ClusterBench.Cluster;

namespace ClusterBench.Coordinator.Membership;

/// <summary>Keeps <c>members.json</c> equal to the cluster, from every MemberUp and MemberRemoved.</summary>
internal sealed class MembersRecorder : ReceiveActor
{
    private readonly Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Dictionary<UniqueAddress, KnownMember> members = [];
    private readonly MembersFile file;
    private readonly Action<string> log;
    private IReadOnlyList<KnownMember> inherited;

    /// <param name="file">The list on disk.</param>
    /// <param name="inherited">The predecessor's list: kept until this node is Up, so that a second crash on the way loses nobody.</param>
    /// <param name="log">Told when the file cannot be written.</param>
    public MembersRecorder(MembersFile file, IReadOnlyList<KnownMember> inherited, Action<string> log)
    {
        this.file = file;
        this.inherited = inherited;
        this.log = log;
        Receive<ClusterEvent.MemberUp>(up => Add(up.Member));
        Receive<ClusterEvent.MemberRemoved>(gone => Remove(gone.Member));
        // A cluster extension that shuts down reports all others as removed; they live.
        Receive<ClusterEvent.ClusterShuttingDown>(_ => Context.Stop(Self));
    }

    protected override void PreStart() => cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberRemoved), typeof(ClusterEvent.ClusterShuttingDown));

    protected override void PostStop() => cluster.Unsubscribe(Self);

    private void Add(Member member)
    {
        if (member.UniqueAddress == cluster.SelfUniqueAddress)
        {
            inherited = [];
        }

        var role = member.HasRole(ClusterNames.CoordinatorRole) ? ClusterNames.CoordinatorRole : ClusterNames.WorkerRole;
        members[member.UniqueAddress] = new KnownMember(member.Address.ToString(), member.UniqueAddress.Uid, role, ClusterNames.WorkerIdOf(member.Roles));
        Write();
    }

    private void Remove(Member member)
    {
        members.Remove(member.UniqueAddress);
        Write();
    }

    private void Write()
    {
        try
        {
            var current = members.Values.OrderBy(static m => m.Address, StringComparer.Ordinal).ToList();
            file.Write([.. current, .. inherited.Where(old => current.TrueForAll(m => m.Address != old.Address))]);
        }
        catch (UserErrorException e)
        {
            log($"{e.Message} Without it a restarted coordinator waits until its workers ask for it.");
        }
    }
}
