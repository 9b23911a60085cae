using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Data;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// Trains a run as one member of one generation of its gang, from the step that the state is at to the end, or until a member is asked
/// to stop. One trainer serves one generation; the session outlives it. A generation that breaks ends in an exception, with the state
/// at a step boundary.
/// </summary>
public sealed class Trainer
{
    private readonly TrainingSession _session;
    private readonly ICollective _collective;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _clock;
    private volatile bool _stop;

    /// <param name="session">The run in this process.</param>
    /// <param name="collective">The generation; it says which virtual ranks are hosted here. It stays the caller's.</param>
    /// <param name="observer">Told at step boundaries.</param>
    /// <param name="clock">For times in reports.</param>
    public Trainer(TrainingSession session, ICollective collective, ITrainingObserver observer, TimeProvider clock)
    {
        if (collective.Group.VirtualRanks != session.Plan.Training.VirtualRanks)
            throw new ArgumentException("the collective has another number of virtual ranks than the plan", nameof(collective));
        (_session, _collective, _observer, _clock) = (session, collective, observer, clock);
    }

    /// <summary>
    /// Makes all members stop after the next step. It may be called from any thread at any time; where the run ends first it has no
    /// effect.
    /// </summary>
    public void RequestStop() => _stop = true;

    /// <summary>Trains; the calling thread belongs to it meanwhile.</summary>
    /// <param name="completedEpochs">
    /// Epochs whose end is known to whoever counts them; an epoch that is done and not known is evaluated and reported first. The same
    /// on every member.
    /// </param>
    /// <param name="cancellation">Abandons the step in flight; the collective has to be aborted besides, where a call may wait.</param>
    /// <exception cref="UserErrorException">Bad input or a loss that is not finite.</exception>
    /// <exception cref="CollectiveAbortedException">The generation is over.</exception>
    public TrainingEnd Run(int completedEpochs, CancellationToken cancellation)
    {
        var (plan, state) = (_session.Plan, _session.State);
        state.ThrowIfTorn();
        var block = _collective.Group.Hosted;
        using var scope = NewDisposeScope();
        using var threads = new RankThreads(block.Count, block.First, plan.Config.Threads);
        using var ranks = new RankStep(_session, _collective, threads);
        using var source = state.Step < plan.Steps ? new StepSource(_session, block, state.Step, _clock, cancellation) : null;
        var evaluator = new Evaluator(_session, _collective, threads);
        var log = new StepLog(plan, _observer);
        while (true)
        {
            var epochs = plan.EpochOf(state.Step);
            if (epochs > completedEpochs && plan.IterationOf(state.Step) == 0)
            {
                _observer.EpochEnded(epochs, plan.IsEvaluated(epochs) ? evaluator.Run(_clock, cancellation) : null);
                completedEpochs = epochs;
            }
            if (state.Step == plan.Steps)
                return TrainingEnd.Completed;
            cancellation.ThrowIfCancellationRequested();
            var begun = _clock.GetTimestamp();
            var (batches, waited) = source!.Next();
            var records = ranks.Run(batches, source.Size, _stop ? RankFlags.Stop : RankFlags.None, cancellation);
            log.Applied(state.Step, records, _clock.GetElapsedTime(begun), waited);
            if (records.Any(record => record.Flags.HasFlag(RankFlags.Stop)))
                return TrainingEnd.Stopped;
        }
    }
}
