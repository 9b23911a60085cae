using ClusterBench.GpuWorker.Data;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// The batches of the validation list that a worker evaluates: batch i holds the images from i * size on, whoever computes it, and
/// belongs to virtual rank i mod V. So every image is counted once, in a batch that does not depend on the number of workers.
/// </summary>
internal sealed class EvaluationOrder(TrainingPlan plan, RankBlock block) : IBatchOrder
{
    private readonly int _size = plan.Config.BatchSize;
    private readonly int[] _numbers =
        [.. Enumerable.Range(0, plan.EvaluationBatches).Where(number => block.Contains(number % plan.Training.VirtualRanks))];

    public int Batches => _numbers.Length;

    /// <summary>The virtual rank that a batch belongs to.</summary>
    public int RankOf(int batch) => _numbers[batch] % plan.Training.VirtualRanks;

    public int Count(int batch) => Math.Min(_size, plan.ValImages - _numbers[batch] * _size);

    public ImageSample Sample(int batch, int row) => new(_numbers[batch] * _size + row, null);
}
