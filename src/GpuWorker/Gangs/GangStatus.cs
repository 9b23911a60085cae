using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>Where a member stands in one generation: written by the thread that trains and by commands, read by whoever reports.</summary>
internal sealed class GangStatus(GangReport first, Action changed)
{
    private readonly Lock _gate = new();
    private readonly GangReport _report = first;

    public GangMemberState State
    {
        get
        {
            lock (_gate)
                return _report.State;
        }
    }

    /// <summary>Nothing more happens in this generation; the first end stays.</summary>
    public bool IsOver => State is GangMemberState.GangStopped or GangMemberState.GangBroken or GangMemberState.GangCompleted;

    public GangReport Report()
    {
        lock (_gate)
            return _report.Clone();
    }

    /// <summary>Another state, unless the generation is over.</summary>
    /// <returns>Whether it was changed.</returns>
    public bool TryEnter(GangMemberState state, Action<GangReport>? describe = null)
    {
        lock (_gate)
        {
            if (_report.State is GangMemberState.GangStopped or GangMemberState.GangBroken or GangMemberState.GangCompleted)
                return false;
            _report.State = state;
            describe?.Invoke(_report);
        }
        changed();
        return true;
    }

    /// <summary>News that need not be told at once.</summary>
    public void Note(Action<GangReport> describe)
    {
        lock (_gate)
            describe(_report);
    }
}
