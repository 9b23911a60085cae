using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs;

/// <summary>A worker at a run's disposal, the shard it works on (null: none), and when it was last heard of.</summary>
/// <param name="DataHost">Where its data plane listens.</param>
/// <param name="DataPort">Where its data plane listens.</param>
internal sealed record LentWorker(string Worker, string Incarnation, string Path, string? Shard, DateTimeOffset Heard, string DataHost, int DataPort);

/// <summary>The workers lent to one run, in memory only: after a restart it is rebuilt from what workers say.</summary>
internal sealed class LentWorkers
{
    private readonly SortedDictionary<string, LentWorker> workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> progress = new(StringComparer.Ordinal);
    private NoFitWorker? unfit;
    private int ticks;

    public IReadOnlyCollection<LentWorker> All => workers.Values;

    /// <summary>Images done in shards that are not complete yet.</summary>
    public long ImagesInWork => progress.Values.Sum();

    /// <param name="m">The loan.</param>
    /// <param name="shard">A pending shard that the worker is at already, or null.</param>
    /// <param name="now">The time.</param>
    public void Add(WorkerLent m, string? shard, DateTimeOffset now)
    {
        unfit = null;
        var known = workers.GetValueOrDefault(m.Worker);
        var same = known is not null && known.Incarnation == m.Incarnation;
        workers[m.Worker] = new LentWorker(m.Worker, m.Incarnation, m.Path, shard ?? (same ? known!.Shard : null), now, m.DataHost, m.DataPort);
    }

    public bool IsAssigned(string shard) => workers.Values.Any(w => w.Shard == shard);

    /// <summary>Gives the shard to an idle worker; null when there is none.</summary>
    public LentWorker? Assign(string shard, DateTimeOffset now)
    {
        var idle = workers.Values.FirstOrDefault(w => w.Shard is null);
        return idle is null ? null : workers[idle.Worker] = idle with { Shard = shard, Heard = now };
    }

    /// <summary>Workers with a shard that have not been heard of since then.</summary>
    public IReadOnlyList<LentWorker> Silent(DateTimeOffset since) => [.. workers.Values.Where(w => w.Shard is not null && w.Heard < since)];

    public IReadOnlyList<LentWorker> Idle() => [.. workers.Values.Where(w => w.Shard is null)];

    /// <summary>The worker has finished the shard; it keeps its loan.</summary>
    public void Free(string shard, string worker)
    {
        progress.Remove(shard);
        if (workers.TryGetValue(worker, out var w) && w.Shard == shard)
        {
            workers[worker] = w with { Shard = null };
        }
    }

    /// <summary>Ends a loan; returns the shard that the worker was at.</summary>
    public string? Remove(string worker, string incarnation)
    {
        if (!workers.TryGetValue(worker, out var w) || w.Incarnation != incarnation)
        {
            return null;
        }

        workers.Remove(worker);
        if (w.Shard is not null)
        {
            progress.Remove(w.Shard);
        }

        return w.Shard;
    }

    public void Progress(string shard, long images, DateTimeOffset now)
    {
        foreach (var worker in workers.Values.Where(w => w.Shard == shard).ToList())
        {
            progress[shard] = images;
            workers[worker.Worker] = worker with { Heard = now };
        }
    }

    /// <summary>Remembers why no worker was lent; the coordinator says it again every second while it is so.</summary>
    public void Unfit(NoFitWorker m) => (unfit, ticks) = (m, 0);

    /// <summary>Called every second: forgets a reason that is not said any more.</summary>
    public void Forget()
    {
        if (++ticks > 3)
        {
            unfit = null;
        }
    }

    public void Clear()
    {
        workers.Clear();
        progress.Clear();
    }

    /// <summary>
    /// Why nothing is worked: no worker, none of the run's device, or workers whose machine would give other bits, with the fields
    /// that differ.
    /// </summary>
    public string Explain(PlanMade? plan, string device)
    {
        if (unfit is { Device.Length: > 0 })
        {
            return $"waiting for a worker on {device}: no worker of the cluster computes on it ({unfit.Worker} has {unfit.Device}). "
                + $"Start one with `clusterbench worker --device {device}`, or submit the run anew with `--device {unfit.Device.Split(':')[0]}`";
        }

        if (unfit is null || plan is null)
        {
            return "waiting for a worker";
        }

        var differences = plan.Machine.Where(f => unfit.Machine.TryGetValue(f.Key, out var v) is false || v != f.Value)
            .Select(f => $"{f.Key} {(unfit.Machine.TryGetValue(f.Key, out var has) ? has : "unknown")} instead of {f.Value}").ToList();
        var what = differences.Count == 0 ? "its probe digest differs" : string.Join("; ", differences);
        return $"waiting for a worker of the plan's kind: {unfit.Worker} computes other bits ({what}); "
            + "`clusterbench resume RUN --accept-hardware` goes on without the promise of equal bits";
    }
}
