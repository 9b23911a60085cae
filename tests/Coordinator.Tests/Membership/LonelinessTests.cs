using Akka.Actor;
using ClusterBench.GpuWorker.Membership;

namespace ClusterBench.Tests.Membership;

public sealed class LonelinessTests
{
    private static readonly Address Coordinator = new("akka.tcp", "clusterbench", "127.0.0.1", 4711);
    private readonly Loneliness loneliness = new(TimeSpan.FromSeconds(15));

    [Fact]
    public void Nobody_is_asked_while_the_coordinator_is_in_sight_or_was_a_moment_ago()
    {
        Assert.False(Asks(true, 0));
        Assert.False(Asks(false, 100));
        Assert.False(Asks(false, 115));
        Assert.True(Asks(false, 115.1));
        Assert.False(Asks(true, 116));
        Assert.False(Asks(false, 117));
    }

    [Fact]
    public void That_the_coordinator_is_away_is_no_reason_to_leave() =>
        Assert.All(Enumerable.Range(0, 1000), second => Assert.False(Leaves(null, false, second)));

    [Fact]
    public void An_island_is_left_at_once() => Assert.True(Leaves(Coordinator, isMemberHere: false, 20));

    [Fact]
    public void A_coordinator_that_is_a_member_but_never_heard_is_given_time_to_be_heard()
    {
        Assert.False(Leaves(Coordinator, isMemberHere: true, 20));
        Assert.False(Leaves(Coordinator, isMemberHere: true, 35));
        Assert.True(Leaves(Coordinator, isMemberHere: true, 35.1));
    }

    [Fact]
    public void The_time_begins_anew_when_the_URL_is_silent_in_between()
    {
        Assert.False(Leaves(Coordinator, isMemberHere: true, 20));
        Assert.False(Leaves(null, isMemberHere: false, 30));
        Assert.False(Leaves(Coordinator, isMemberHere: true, 40));
    }

    [Fact]
    public void Pauses_between_attempts_grow_to_two_seconds()
    {
        var backoff = new Backoff();
        Assert.Equal([0.2, 0.4, 0.8, 1.6, 2, 2], Enumerable.Range(0, 6).Select(_ => backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(0.2, backoff.Next().TotalSeconds);
    }

    private bool Asks(bool inSight, double second) => loneliness.ShouldAsk(inSight, TimeSpan.FromSeconds(second));

    private bool Leaves(Address? coordinator, bool isMemberHere, double second) => loneliness.ShouldLeave(coordinator, isMemberHere, TimeSpan.FromSeconds(second));
}
