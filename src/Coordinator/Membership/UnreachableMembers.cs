using Akka.Cluster;

namespace ClusterBench.Coordinator.Membership;

/// <summary>
/// Who has been unreachable for too long: the decision of <see cref="LeaseHolderDowning"/> without actors or clocks. Times are
/// readings of a clock that only goes forward.
/// </summary>
/// <param name="self">This node; it is never due.</param>
/// <param name="downAfter">How long a member may be unreachable.</param>
internal sealed class UnreachableMembers(UniqueAddress self, TimeSpan downAfter)
{
    /// <summary>A gap between two looks longer than this means that this very process stood still and heard nobody.</summary>
    internal static readonly TimeSpan StoodStill = TimeSpan.FromSeconds(2);

    private readonly Dictionary<UniqueAddress, TimeSpan> since = [];
    private TimeSpan lastLook = TimeSpan.MinValue;

    public void Lost(UniqueAddress member, TimeSpan now)
    {
        if (member != self)
        {
            since.TryAdd(member, now);
        }
    }

    /// <summary>The member answers again, or is no member any more.</summary>
    public void Forget(UniqueAddress member) => since.Remove(member);

    /// <summary>The members to declare dead now; one that stays is named again after another <c>downAfter</c>.</summary>
    public IReadOnlyList<UniqueAddress> Due(TimeSpan now)
    {
        var stoodStill = lastLook != TimeSpan.MinValue && now - lastLook > StoodStill;
        lastLook = now;
        var due = stoodStill ? [] : since.Where(entry => now - entry.Value > downAfter).Select(static entry => entry.Key).ToList();
        foreach (var member in stoodStill ? [.. since.Keys] : due)
        {
            since[member] = now;
        }

        return due;
    }
}
