using Akka.Actor;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>
/// When a worker gives up the cluster that it is in. Pure: times are readings of a clock that only goes forward. That the
/// coordinator is away is no reason; that one lives and this node cannot meet it here is.
/// </summary>
/// <param name="lonelyAfter">How long without a reachable coordinator before the URL is asked again.</param>
internal sealed class Loneliness(TimeSpan lonelyAfter)
{
    private TimeSpan? since;
    private TimeSpan? livesSince;

    /// <summary>Notes whether a reachable member is the coordinator; true when it is time to ask the URL.</summary>
    public bool ShouldAsk(bool coordinatorInSight, TimeSpan now)
    {
        if (coordinatorInSight)
        {
            since = livesSince = null;
            return false;
        }

        since ??= now;
        return now - since.Value > lonelyAfter;
    }

    /// <summary>
    /// Whether to leave, given the answer of the URL: at once when the coordinator is not of this cluster (an island), after
    /// another <c>lonelyAfter</c> when it is but cannot be reached from here (a dead association).
    /// </summary>
    public bool ShouldLeave(Address? coordinator, bool isMemberHere, TimeSpan now)
    {
        if (coordinator is null)
        {
            livesSince = null;
            return false;
        }

        livesSince ??= now;
        return !isMemberHere || now - livesSince.Value > lonelyAfter;
    }
}
