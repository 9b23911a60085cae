using System.Globalization;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>
/// One generation of a run's gang as this process lives it, on a thread of its own: meet the others, get ready, wait for the start,
/// train. It begins to meet the others while the thread of the generation before still comes to its end, and waits for that one
/// before it touches the state.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "Commands may come when the thread has ended; none of the fields holds anything but memory.")]
internal sealed class GangGeneration
{
    private readonly PrepareGang _order;
    private readonly int _rank;
    private readonly GangSettings _settings;
    private readonly GangRun _run;
    private readonly Action _changed;
    private readonly Action<string> _fatal;
    private readonly GangStatus _status;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _cancel = new();
    private readonly ManualResetEventSlim _started = new(), _released = new(), _ended = new();
    private readonly Lock _gate = new();
    private GangGeneration? _before;
    private StartGang? _start;
    private ICollective? _collective;
    private Trainer? _trainer;
    private string? _abort;
    private bool _stop;

    /// <param name="rank">This process's in the order's members.</param>
    /// <param name="run">Entered by the caller; the thread leaves it.</param>
    /// <param name="before">The generation before it in this process, which is over.</param>
    /// <param name="changed">There is something to report.</param>
    /// <param name="fatal">This process must not go on.</param>
    public GangGeneration(PrepareGang order, int rank, GangSettings settings, GangRun run, GangGeneration? before, Action changed, Action<string> fatal)
    {
        (_order, _rank, _settings, _run, _before, _changed, _fatal) = (order, rank, settings, run, before, changed, fatal);
        _status = new GangStatus(new GangReport
        {
            Run = order.Run, Generation = order.Generation, Worker = settings.Identity.Id, Incarnation = settings.Identity.Incarnation,
            State = GangMemberState.GangPreparing, Step = -1, Checkpoint = -1,
        }, changed);
        _thread = new Thread(Live) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"gang-{order.Generation}") };
        _thread.Start();
    }

    public int Number => _order.Generation;

    public int Rank => _rank;

    public GangRun Run => _run;

    public GangStatus Status => _status;

    /// <summary>Begins to train, once.</summary>
    public void Start(StartGang start)
    {
        lock (_gate)
        {
            if (_start is not null || _status.State != GangMemberState.GangPrepared)
                return;
            _start = start;
        }
        _started.Set();
    }

    /// <summary>Ends the generation here and for its peers; the step in flight is lost.</summary>
    public void Abort(string reason)
    {
        ICollective? collective;
        lock (_gate)
        {
            _abort ??= reason;
            collective = _collective;
        }
        _status.TryEnter(GangMemberState.GangBroken, report => report.Reason = reason);
        _cancel.Cancel();
        collective?.Abort(reason);
    }

    /// <summary>All members stop after the next step.</summary>
    public void RequestStop()
    {
        lock (_gate)
        {
            _stop = true;
            _trainer?.RequestStop();
        }
    }

    /// <summary>The state is wanted elsewhere, or by nobody: the thread need not guard it any longer.</summary>
    public void Release() => _released.Set();

    /// <summary>Waits until nothing of the generation computes any more.</summary>
    public bool WaitEnded(TimeSpan limit) => _ended.Wait(limit);

    public bool Join(TimeSpan limit) => _thread.Join(limit);

    /// <summary>Called every second: a gang that others have broken is told so while this member still computes, and a hung step is found.</summary>
    public void Look()
    {
        ICollective? collective;
        lock (_gate)
            collective = _collective;
        if (_status.State != GangMemberState.GangTraining)
            return;
        if (collective?.Aborted is { } aborted)
        {
            Break(aborted);
            _cancel.Cancel();
        }
        else if (_run.Watch.Hung() is { } hung)
        {
            var reason = string.Create(CultureInfo.InvariantCulture,
                $"a training step of run {_order.Run} after step {_status.Report().Step} hangs for {hung.TotalSeconds:0} s in this worker, which waits for no other: a disk that does not answer, or a fault of the machine");
            Abort(reason);
            _fatal(reason);
        }
    }

    private void Live()
    {
        try
        {
            var collective = Meet();
            JoinBefore();
            Prepare();
            _started.Wait(_cancel.Token);
            Train(collective);
        }
        catch (Exception e)
        {
            End(e);
        }
        // The log, the state and the session are the earlier thread's until it has ended, also where this one never came to them.
        JoinBefore();
        _run.Log?.End();
        Say();
        _collective?.Dispose();
        _ended.Set();
        Guard();
        _run.Leave();
    }

    /// <summary>What the generation was to this worker, for its log.</summary>
    private void Say()
    {
        if (_collective is { } collective)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"generation {Number} of run {_order.Run}: rank {_rank} of {collective.Group.Members.Count} with virtual ranks {collective.Group.Hosted.First} to {collective.Group.Hosted.End - 1} is over after step {_run.Step}; it sent {collective.BytesSent} bytes to its peers and received {collective.BytesReceived}"));
        }
    }

    private ICollective Meet()
    {
        var group = new CollectiveGroup
        {
            Run = _order.Run, Generation = _order.Generation, PlanHash = GangSecret.PlanHash(_order.Submission, _order.Plan),
            VirtualRanks = _order.Plan.Training.VirtualRanks, Rank = _rank,
            Members = [.. _order.Members.Select(m => new CollectiveMember(m.Worker, m.Incarnation, m.Host, m.Port))],
        };
        ICollective collective = group.Members.Count == 1 ? new LocalCollective(group)
            : TcpCollective.Connect(_settings.Plane, group, GangSecret.Of(_order.Run, _settings.Token()), _settings.Limits, _cancel.Token);
        string? abort;
        lock (_gate)
            (_collective, abort) = (collective, _abort);
        if (abort is not null)
            collective.Abort(abort);
        return collective;
    }

    private void Prepare()
    {
        _cancel.Token.ThrowIfCancellationRequested();
        _run.Open();
        var (step, torn) = (_run.Step, _run.IsTorn);
        var (checkpoint, notes) = step >= 0 ? (-1, []) : GangCheckpoints.FindWhole(_order.Checkpoints);
        var digest = step >= 0 ? _run.Session!.State.Digest() : "";
        Fault.Point(FaultPoints.GangPrepared);
        _status.TryEnter(GangMemberState.GangPrepared, report =>
        {
            (report.Step, report.Torn, report.Digest, report.Checkpoint) = (step, torn, digest, checkpoint);
            report.Notes.AddRange(notes);
        });
    }

    private void Train(ICollective collective)
    {
        _cancel.Token.ThrowIfCancellationRequested();
        _status.TryEnter(GangMemberState.GangTraining, static report => report.Digest = "");
        _run.Bring(_start!, collective);
        _status.Note(report => (report.Step, report.Torn) = (_run.Step, false));
        var observer = new GangObserver(_run, Number, _start!.Epochs, writes: _rank == 0, _status, _settings.Time, _changed);
        _run.Log!.Begin(collective.Group, _run.Step);
        observer.Begin();
        var trainer = new Trainer(_run.Session!, new WatchedCollective(collective, _run.Watch), observer, _settings.Time);
        lock (_gate)
        {
            _trainer = trainer;
            if (_stop)
                trainer.RequestStop();
        }
        var end = trainer.Run(_start!.Epochs, _cancel.Token);
        _status.TryEnter(end == TrainingEnd.Completed ? GangMemberState.GangCompleted : GangMemberState.GangStopped);
    }

    private void End(Exception e)
    {
        switch (e)
        {
            case CollectiveAbortedException aborted:
                Break(aborted);
                break;
            case OperationCanceledException when _cancel.IsCancellationRequested:
                Break(_abort ?? "the generation was given up", isFatal: false);
                break;
            case UnusableProcessException:
                Break(e.Message, isFatal: false);
                _fatal(e.Message);
                break;
            case UserErrorException:
                Break(e.Message, isFatal: true);
                break;
            default:
                Console.Error.WriteLine($"generation {Number} of run {_order.Run} failed: {e}");
                Break($"{e.GetType().Name}: {e.Message}", isFatal: false);
                break;
        }
        _collective?.Abort(e is CollectiveAbortedException ? "the generation is over" : e.Message.TrimEnd('.'));
    }

    private void Break(CollectiveAbortedException e) => Break(e.Message, isFatal: false, e is { Peer: { } peer, Cause: AbortCause.Closed or AbortCause.Silent or AbortCause.NotConnected } ? peer : null);

    private void Break(string reason, bool isFatal, int? lost = null)
    {
        _ = _run.Watch.Pause();
        _status.TryEnter(GangMemberState.GangBroken, report =>
        {
            (report.Reason, report.Fatal, report.Torn) = (reason, isFatal, _run.IsTorn);
            if (lost is { } rank)
                report.Lost.Add(rank);
        });
    }

    private void JoinBefore()
    {
        _before?.Release();
        _before?._thread.Join();
        _before = null;
    }

    /// <summary>A broken gang of which nobody wants anything for long saves its state, in case that nobody ever does.</summary>
    private void Guard()
    {
        if (_status.State != GangMemberState.GangBroken || _run.Step <= _run.Checkpointed || _released.Wait(_settings.BrokenLimit + _rank * _settings.BrokenStagger))
            return;
        try
        {
            if (_run.Checkpoints.IsSaved(_run.Step, Number))
                return;
            Save();
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"the state of run {_order.Run} after step {_run.Step}, whose gang is broken, could not be saved: {e.Message}");
        }
    }

    /// <summary>Writes the state; only when the generation's thread has ended, or on it.</summary>
    public void Save()
    {
        var (plan, step) = (_run.Session!.Plan, _run.Step);
        GangObserver.Save(_run, Number, plan.IterationOf(step) == 0 ? plan.EpochOf(step) : 0);
        _changed();
    }
}
