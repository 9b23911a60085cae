using ClusterBench.Cli.Embedded;
using Microsoft.Extensions.Time.Testing;

namespace ClusterBench.Tests.Embedded;

public sealed class RestartPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RestartPolicy _policy;

    public RestartPolicyTests() => _policy = new RestartPolicy(_time);

    [Fact]
    public void A_child_that_keeps_ending_is_started_again_after_0_1_2_5_and_then_always_10_seconds()
    {
        var delays = Enumerable.Range(0, 8).Select(_ => End(registered: true, after: 1));

        Assert.Equal([0, 1, 2, 5, 10, 10, 10, 10], delays);
    }

    [Fact]
    public void Five_ends_within_a_minute_without_registering_are_a_crash_loop()
    {
        var delays = Enumerable.Range(0, 5).Select(_ => End(registered: false, after: 1));

        Assert.Equal([0, 1, 2, 5, null], delays);
    }

    [Fact]
    public void Five_ends_over_more_than_a_minute_are_no_crash_loop()
    {
        var delays = Enumerable.Range(0, 12).Select(_ => End(registered: false, after: 15.1));

        Assert.DoesNotContain(null, delays);
    }

    [Fact]
    public void A_child_that_registered_in_between_has_its_five_tries_again()
    {
        for (int i = 0; i < 4; i++)
            End(registered: false, after: 1);
        End(registered: true, after: 1);

        var delays = Enumerable.Range(0, 5).Select(_ => End(registered: false, after: 1)).ToArray();

        Assert.DoesNotContain(null, delays[..4]);
        Assert.Null(delays[4]);
    }

    [Fact]
    public void After_a_quiet_minute_the_next_start_is_immediate_again()
    {
        for (int i = 0; i < 4; i++)
            End(registered: true, after: 1);

        Assert.Equal(0, End(registered: true, after: 61));
    }

    private double? End(bool registered, double after)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        return _policy.Ended(registered)?.TotalSeconds;
    }
}
