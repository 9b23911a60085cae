namespace ClusterBench.Tests.Embedded;

/// <summary>The system's clock with timers that come twenty times too early, for delays that a test has no time for.</summary>
public sealed class HastyTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 20 : dueTime, period);
}
