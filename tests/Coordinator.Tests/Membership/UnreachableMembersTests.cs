using Akka.Actor;
using Akka.Cluster;
using ClusterBench.Coordinator.Membership;
using CsCheck;

namespace ClusterBench.Tests.Membership;

public sealed class UnreachableMembersTests
{
    private static readonly UniqueAddress Self = Node(1);
    private static readonly UniqueAddress Other = Node(2);
    private readonly UnreachableMembers members = new(Self, TimeSpan.FromSeconds(5));

    [Fact]
    public void A_member_is_due_after_more_than_five_seconds_and_not_before()
    {
        members.Lost(Other, Seconds(10));
        Assert.Equal([[], [], [Other]], Look(10, 12, 13.5, 15, 15.1).Skip(2));
    }

    [Fact]
    public void A_member_that_was_heard_again_begins_anew()
    {
        members.Lost(Other, Seconds(0));
        Look(0, 1, 2, 3, 4);
        members.Forget(Other);
        members.Lost(Other, Seconds(4));
        Assert.All(Look(5, 6, 7, 8, 9), static due => Assert.Empty(due));
    }

    [Fact]
    public void A_member_that_stays_is_named_again_after_the_same_time()
    {
        members.Lost(Other, Seconds(0));
        Assert.Equal([6, 12], Enumerable.Range(0, 14).Where(second => members.Due(Seconds(second)).Count > 0));
    }

    [Fact]
    public void After_a_standstill_of_this_process_all_get_their_full_time_again()
    {
        members.Lost(Other, Seconds(0));
        Look(0, 1);
        Assert.Empty(members.Due(Seconds(600)));
        Assert.Equal([[], [], [Other]], Look(602, 604, 605.5));
    }

    [Fact]
    public void This_node_is_never_due_whatever_is_said_of_it() =>
        Gen.Select(Gen.Int[0, 2].Array[0, 200], Gen.Int[0, 1500].Array[200]).Sample((what, pauses) =>
        {
            var all = new UnreachableMembers(Self, TimeSpan.FromSeconds(5));
            var now = TimeSpan.Zero;
            for (var i = 0; i < what.Length; i++)
            {
                now += TimeSpan.FromMilliseconds(pauses[i]);
                all.Lost(what[i] == 0 ? Self : Other, now);
                Assert.DoesNotContain(Self, all.Due(now));
            }
        });

    private List<IReadOnlyList<UniqueAddress>> Look(params double[] seconds) => [.. seconds.Select(s => members.Due(Seconds(s)))];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static UniqueAddress Node(int n) => new(new Address("akka.tcp", "clusterbench", "127.0.0.1", 4710 + n), n);
}
