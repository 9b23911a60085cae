using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>Facts about a run that are said until the run has stored them; they survive generations and ActorSystems.</summary>
internal sealed class GangOutbox
{
    private readonly object _sync = new();
    private readonly SortedDictionary<int, EpochDone> _epochs = [];
    private readonly SortedDictionary<(int Generation, long Step), CheckpointDone> _checkpoints = [];

    /// <summary>Epochs first and in their order: the run counts them one after the other.</summary>
    public IReadOnlyList<IMessage> Messages
    {
        get
        {
            lock (_sync)
                return [.. _epochs.Values, .. _checkpoints.Values];
        }
    }

    public void Add(EpochDone m)
    {
        lock (_sync)
            _epochs[m.Result.Epoch] = m;
    }

    public void Add(CheckpointDone m)
    {
        lock (_sync)
            _checkpoints[(m.Result.Generation, m.Result.Step)] = m;
    }

    public void Acknowledge(EpochAck m) => Change(() => _epochs.Remove(m.Epoch));

    public void Acknowledge(CheckpointAck m) => Change(() => _checkpoints.Remove((m.Generation, m.Step)));

    public void Clear() => Change(() =>
    {
        _epochs.Clear();
        _checkpoints.Clear();
    });

    /// <summary>Waits until everything is acknowledged.</summary>
    /// <returns>False: the time was over first.</returns>
    public bool WaitEmpty(TimeSpan limit)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_sync)
        {
            while (_epochs.Count + _checkpoints.Count > 0)
                if (end - Environment.TickCount64 is not (> 0 and var left) || !Monitor.Wait(_sync, TimeSpan.FromMilliseconds(left)))
                    return _epochs.Count + _checkpoints.Count == 0;
            return true;
        }
    }

    private void Change(Action change)
    {
        lock (_sync)
        {
            change();
            Monitor.PulseAll(_sync);
        }
    }
}
