using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>
/// This process as a member of gangs, one run at a time. It belongs to the process, not to an ActorSystem: whichever node the process
/// is in the cluster, training goes on, and what is not acknowledged waits here. Commands may come twice, late and from any thread;
/// none of them blocks. A run's state stays in memory from one generation to the next.
/// </summary>
public sealed class GangMember : IDisposable
{
    private readonly GangSettings _settings;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _highest = new(StringComparer.Ordinal);
    private readonly ITimer _timer;
    private GangRun? _run;
    private GangGeneration? _current;
    private long _term;
    private bool _isClosed, _isUnusable;

    public GangMember(GangSettings settings)
    {
        _settings = settings;
        var second = TimeSpan.FromSeconds(1);
        _timer = settings.Time.CreateTimer(_ => Current?.Look(), null, second, second);
    }

    /// <summary>Raised, on any thread, when there is something to send.</summary>
    public event Action? Changed;

    /// <summary>Raised when the process must not go on: its numbers cannot be trusted, or a thread of it hangs.</summary>
    public event Action<string>? Fatal;

    /// <summary>The run that this process holds a gang's place of; null: none.</summary>
    public string? Run
    {
        get
        {
            lock (_gate)
                return _run?.Run;
        }
    }

    /// <summary>The process ends and takes no new generation.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Where this member stands; null: nowhere.</summary>
    public GangReport? Report
    {
        get
        {
            if (Current?.Status.Report() is not { } report)
                return null;
            report.Draining = IsDraining;
            return report;
        }
    }

    /// <summary>What the run has not acknowledged.</summary>
    public IReadOnlyCollection<IMessage> Unacknowledged
    {
        get
        {
            lock (_gate)
                return _run is null ? [] : [.. _run.Outbox.Messages];
        }
    }

    private GangGeneration? Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Gets ready for a generation. One that is not newer than those seen of the run is ignored.</summary>
    public void Prepare(PrepareGang m)
    {
        lock (_gate)
        {
            if (_isClosed || IsOld(m.Term) || m.Generation <= _highest.GetValueOrDefault(m.Run))
                return;
            if (RankIn(m) is not { } rank)
                return;
            _highest[m.Run] = m.Generation;
            var before = _current;
            before?.Abort($"generation {m.Generation} of run {m.Run} is formed");
            if (_run?.Run != m.Run || _run.Submission.Hash != m.Submission.Hash)
            {
                _run?.Drop();
                _run = new GangRun(m, _settings);
            }
            _ = _run.TryEnter();
            _current = new GangGeneration(m, rank, _settings, _run, before, OnChanged, OnFatal);
        }
        OnChanged();
    }

    /// <summary>All are prepared: begins.</summary>
    public void Start(StartGang m) => Find(m.Run, m.Generation, m.Term)?.Start(m);

    /// <summary>Stops at once; a later Prepare may go on.</summary>
    public void Abort(AbortGang m) => Find(m.Run, m.Generation, m.Term)?.Abort(m.Reason);

    /// <summary>Stops with all others after the same step.</summary>
    public void Stop(StopGang m) => Find(m.Run, m.Generation, m.Term)?.RequestStop();

    public void Acknowledge(EpochAck m) => OutboxOf(m.Run)?.Acknowledge(m);

    public void Acknowledge(CheckpointAck m) => OutboxOf(m.Run)?.Acknowledge(m);

    /// <summary>The run is not wanted any more: its memory is freed as soon as no thread is at it.</summary>
    public void Abandon(string run)
    {
        lock (_gate)
        {
            if (_run?.Run != run)
                return;
            _current?.Abort("the run is not wanted any more");
            _current?.Release();
            _run.Drop();
            (_run, _current) = (null, null);
        }
        OnChanged();
    }

    /// <summary>
    /// Before the process ends: all members stop after the same step, and where the others would be left without, the state is written
    /// and waited for until it is stored. It blocks, less than a minute; call it while the worker is still in the cluster.
    /// </summary>
    public void Drain()
    {
        GangGeneration? current;
        bool isUnusable;
        lock (_gate)
            (_isClosed, current, isUnusable) = (true, _current, _isUnusable);
        OnChanged();
        if (current is null || isUnusable)
            return;
        if (current.Status.State == GangMemberState.GangTraining)
            current.RequestStop();
        else
            current.Abort("this worker ends");
        if (!current.WaitEnded(_settings.DrainLimit))
            current.Abort("this worker ends");
        current.Release();
        if (!current.Join(_settings.DrainLimit))
            return;
        Save(current);
        OnChanged();
        _ = current.Run.Outbox.WaitEmpty(_settings.AckLimit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        GangGeneration? current;
        lock (_gate)
            (_isClosed, current) = (true, _current);
        current?.Abort("this worker ends");
        current?.Release();
        // A thread that does not end in time still reads what would be freed; the process ends with it.
        if (current?.Join(TimeSpan.FromSeconds(10)) == true)
            current.Run.Drop();
    }

    /// <summary>Rank 0 writes; another one only where all below it are lost.</summary>
    private static void Save(GangGeneration current)
    {
        var lost = current.Status.Report().Lost;
        if (current.Run.Step <= Math.Max(0, current.Run.Checkpointed) || !Enumerable.Range(0, current.Rank).All(lost.Contains))
            return;
        try
        {
            current.Save();
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine($"no checkpoint at the end of this worker: {e.Message}");
        }
    }

    private int? RankIn(PrepareGang m)
    {
        for (var rank = 0; rank < m.Members.Count; rank++)
            if (m.Members[rank].Worker == _settings.Identity.Id)
            {
                if (m.Members[rank].Incarnation == _settings.Identity.Incarnation)
                    return rank;
                Console.Error.WriteLine($"generation {m.Generation} of run {m.Run} names incarnation {m.Members[rank].Incarnation} of this worker, which is {_settings.Identity.Incarnation}: refused");
                return null;
            }
        Console.Error.WriteLine($"generation {m.Generation} of run {m.Run} does not name this worker ({_settings.Identity.Id}): refused");
        return null;
    }

    private GangGeneration? Find(string run, int generation, long term)
    {
        lock (_gate)
            return !IsOld(term) && _run?.Run == run && _current?.Number == generation ? _current : null;
    }

    private bool IsOld(long term)
    {
        if (term < _term)
            return true;
        _term = term;
        return false;
    }

    private GangOutbox? OutboxOf(string run)
    {
        lock (_gate)
            return _run?.Run == run ? _run.Outbox : null;
    }

    private void OnChanged() => Changed?.Invoke();

    private void OnFatal(string reason)
    {
        lock (_gate)
            _isClosed = _isUnusable = true;
        Fatal?.Invoke(reason);
    }
}
