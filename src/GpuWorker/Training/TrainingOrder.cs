using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>The batches that a worker trains on from a step to the end of the run: of each step one for every rank that it hosts, in rank order.</summary>
/// <param name="plan">Says who gets which samples.</param>
/// <param name="block">The hosted ranks.</param>
/// <param name="firstStep">Global step of the first batches.</param>
internal sealed class TrainingOrder(TrainingPlan plan, RankBlock block, long firstStep) : IBatchOrder
{
    private (int Epoch, DistributedSampler.EpochOrder Order)? _epoch;
    private (int Number, int Epoch, int[] Samples)? _batch;

    public int Batches { get; } = checked((int)((plan.Steps - firstStep) * block.Count));

    public int Count(int batch) => plan.Sampler.BatchSizeAt(plan.IterationOf(StepOf(batch)));

    public ImageSample Sample(int batch, int row)
    {
        if (_batch is not { } current || current.Number != batch)
            _batch = current = Make(batch);
        return new ImageSample(current.Samples[row], new SampleKey(plan.Config.Seed, current.Epoch, current.Samples[row]));
    }

    private (int Number, int Epoch, int[] Samples) Make(int batch)
    {
        var (step, rank) = (StepOf(batch), block.First + batch % block.Count);
        var epoch = plan.EpochOf(step);
        if (_epoch is not { } current || current.Epoch != epoch)
            _epoch = current = (epoch, plan.Sampler.Epoch(epoch));
        return (batch, epoch, current.Order.Batch(plan.IterationOf(step), rank));
    }

    private long StepOf(int batch) => firstStep + batch / block.Count;
}
