using System.Globalization;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>
/// What a process holds of a run over all its generations: the session with its state, and what is not acknowledged. Only the thread
/// of one generation at a time works on it; it is freed when nobody wants it and no thread is at it any more.
/// </summary>
internal sealed class GangRun(PrepareGang order, GangSettings settings)
{
    private readonly Lock _gate = new();
    private bool _isFilled, _isUntouched, _isUnwanted;
    private int _users;

    public string Run { get; } = order.Run;

    public SubmissionData Submission { get; } = order.Submission;

    public PlanMade Plan { get; } = order.Plan;

    public GangOutbox Outbox { get; } = new();

    public GangCheckpoints Checkpoints { get; } = new(order.Submission, settings.Identity, settings.Time);

    public StepWatch Watch { get; } = new(settings.Time);

    /// <summary>Steps of the newest checkpoint that the run has stored or this process has written; -1: none.</summary>
    public long Checkpointed { get; set; } = -1;

    /// <summary>Null before <see cref="Open"/>.</summary>
    public TrainingSession? Session { get; private set; }

    /// <summary>Writes log.json while this process is rank 0. Null before <see cref="Open"/>.</summary>
    public TrainingLogObserver? Log { get; private set; }

    public bool IsTorn => Session is { State.IsTorn: true };

    /// <summary>Steps applied in the state; -1: there is none that could be gone on from.</summary>
    public long Step => Session is { State.IsTorn: false } session && _isFilled ? session.State.Step : -1;

    /// <summary>A generation begins to use it; false: it is freed already.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isUnwanted)
                return false;
            _users++;
            return true;
        }
    }

    /// <summary>The generation's thread has ended.</summary>
    public void Leave() => Change(() => _users--);

    /// <summary>Nobody wants the run here any more.</summary>
    public void Drop()
    {
        Outbox.Clear();
        Change(() => _isUnwanted = true);
    }

    /// <summary>Loads lists, pipelines and network unless they are there.</summary>
    /// <exception cref="UserErrorException">They are not what the plan was made for.</exception>
    public void Open()
    {
        if (Session is not null)
            return;
        Session = settings.Open(Submission, Plan);
        Log ??= new TrainingLogObserver(Submission.WorkDir, Session.Plan, settings.Time);
        (_isFilled, _isUntouched) = (false, true);
    }

    /// <summary>Brings the state of every member to where the generation begins.</summary>
    /// <exception cref="CollectiveAbortedException">A peer was lost; the state may be torn.</exception>
    /// <exception cref="UserErrorException">The weights to begin from or the checkpoint cannot be used.</exception>
    public void Bring(StartGang start, ICollective collective)
    {
        Checkpointed = Math.Max(Checkpointed, start.Checkpointed);
        if (start.Source < 0)
        {
            Initialize();
            return;
        }
        var isSource = start.Source == collective.Group.Rank;
        if (isSource && start.Checkpoint is { } checkpoint)
            Read(checkpoint);
        if (isSource && Step != start.Step)
            throw new InvalidOperationException($"generation {start.Generation} goes on from step {start.Step} of this worker, whose state is at {Step}");
        var (state, needed) = (Session!.State, !isSource && Step != start.Step);
        if (needed)
        {
            _isUntouched = false;
            state.BeginReplace();
        }
        collective.CopyState(start.Step, start.Source, needed, state.Parts);
        if (needed)
            state.EndReplace(start.Step);
        _isFilled = true;
    }

    private void Initialize()
    {
        if (Step == 0)
            return;
        if (!_isUntouched)
        {
            Session!.Dispose();
            Session = null;
            Open();
        }
        _isUntouched = false;
        _ = WeightInitializer.Fill(Session!.State.Weights, Session.Plan.Config, InputFiles.HasCheckpoint(Submission) ? Submission.Checkpoint.Path : null);
        _isFilled = true;
    }

    private void Read(CheckpointWritten checkpoint)
    {
        _isUntouched = false;
        try
        {
            TrainingCheckpoint.Read(checkpoint.File.Path, Session!.State, Session.Plan, Submission.Hash, checkpoint.File.Sha256);
        }
        catch (UserErrorException e) when (GangCheckpoints.Damage(checkpoint.File) is { } damage)
        {
            // Since it was looked at: the next generation takes the one before.
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The checkpoint {checkpoint.File.Path} {damage}: {e.Message}"), e);
        }
        _isFilled = true;
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            if (!_isUnwanted || _users > 0)
                return;
            Log?.Dispose();
            Session?.Dispose();
            Session = null;
        }
    }
}
