using ClusterBench.Faults;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// A training step of the virtual ranks that a worker hosts, in two parts: everything up to the reduced gradients changes no state and
/// may be abandoned anywhere; applying it is never interrupted.
/// </summary>
internal sealed class RankStep : IDisposable
{
    private readonly TrainingSession _session;
    private readonly ICollective _collective;
    private readonly RankThreads _threads;
    private readonly FrozenBackbone? _frozen;
    private readonly VirtualRank[] _ranks;
    private readonly LeafFold _fold;
    private readonly Tensor _mean;
    private readonly Tensor? _statistics;

    public RankStep(TrainingSession session, ICollective collective, RankThreads threads)
    {
        (_session, _collective, _threads) = (session, collective, threads);
        var (plan, state, block) = (session.Plan, session.State, collective.Group.Hosted);
        if (plan.Training.FrozenBackbone)
            _frozen = new FrozenBackbone(state.Weights, plan.Config.Backbone, plan.Training.Head);
        _ranks = [.. Enumerable.Range(block.First, block.Count).Select(rank => new VirtualRank(rank, plan, state, _frozen))];
        var length = state.Weights.Layout.ParameterLength - state.FirstTrained;
        _fold = new LeafFold(plan.Training.VirtualRanks, block, length);
        _mean = zeros(length, ScalarType.Float32).DetachFromDisposeScope();
        if (!plan.Training.FrozenBackbone && !block.Contains(0))
            _statistics = zeros_like(state.Weights.Buffers).DetachFromDisposeScope();
    }

    /// <summary>Computes, reduces and applies the next step of the state.</summary>
    /// <param name="batches">One for each hosted rank in rank order; all of them are given back, also after an error.</param>
    /// <param name="size">Width and height of their images.</param>
    /// <param name="flags">Go into the record of this worker's ranks.</param>
    /// <param name="cancellation">Looked at before anything changes.</param>
    /// <returns>The records of all virtual ranks, in rank order.</returns>
    /// <exception cref="NonFiniteLossException">A rank's loss is NaN or infinite; the state is unchanged, on every member.</exception>
    /// <exception cref="CollectiveAbortedException">The gang broke; the state is unchanged.</exception>
    public IReadOnlyList<RankRecord> Run(IReadOnlyList<ImageBatch> batches, ImageSize size, RankFlags flags, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var own = Compute(batches, size, flags);
        Fault.Point(FaultPoints.StepMiddle);
        cancellation.ThrowIfCancellationRequested();
        var step = _session.State.Step;
        _collective.Reduce(step, bucket: 0, _fold.Sums, _mean).Wait();
        var records = Exchange(_collective, step, own);
        var statistics = _frozen is null ? _statistics ?? _ranks[0].Staged : null;
        if (statistics is not null)
            _collective.Broadcast(step, statistics);
        ThrowIfNotFinite(records);
        cancellation.ThrowIfCancellationRequested();
        Fault.Point(FaultPoints.StepBeforeApply);
        _session.State.Apply(_mean, statistics);
        return records;
    }

    /// <summary>Every member's records, one of each virtual rank.</summary>
    internal static IReadOnlyList<RankRecord> Exchange(ICollective collective, long step, IReadOnlyList<RankRecord> own)
    {
        var bytes = own.Select(record =>
        {
            var row = new byte[RankRecord.Size];
            record.Write(row);
            return row;
        });
        return [.. collective.Gather(step, [.. bytes]).Select(row => RankRecord.Read(row))];
    }

    private RankRecord[] Compute(IReadOnlyList<ImageBatch> batches, ImageSize size, RankFlags flags)
    {
        var records = new RankRecord[_ranks.Length];
        _fold.Begin();
        try
        {
            _threads.Run(i =>
            {
                using var scope = NewDisposeScope();
                var labels = BatchTensors.Labels(batches[i], _session.Data.Train.Labels);
                var images = BatchTensors.Images(batches[i], size, batches[i].Count);
                batches[i].Dispose();
                var record = _ranks[i].Compute(images, labels, _session.Guard);
                records[i] = record with { Flags = record.Flags | flags };
                _fold.Add(_ranks[i].Number, _ranks[i].Gradients);
            });
        }
        finally
        {
            foreach (var batch in batches)
                batch.Dispose();
        }
        return records;
    }

    private void ThrowIfNotFinite(IReadOnlyList<RankRecord> records)
    {
        var (plan, step) = (_session.Plan, _session.State.Step);
        for (var rank = 0; rank < records.Count; rank++)
            if (!double.IsFinite(records[rank].Loss) || records[rank].Flags.HasFlag(RankFlags.NotANumber))
                throw new NonFiniteLossException(step, plan.EpochOf(step), plan.IterationOf(step), rank, records[rank].Loss);
    }

    public void Dispose()
    {
        foreach (var rank in _ranks)
            rank.Dispose();
        _frozen?.Dispose();
        _fold.Dispose();
        _mean.Dispose();
        _statistics?.Dispose();
    }
}
