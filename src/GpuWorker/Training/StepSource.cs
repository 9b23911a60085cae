using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>The training batches of a worker, decoded ahead over the ends of steps and epochs.</summary>
internal sealed class StepSource : IDisposable
{
    private readonly ImageBatchReader _reader;
    private readonly int _ranks;
    private readonly TimeProvider _clock;

    /// <exception cref="UserErrorException">An image decides the size and cannot be read, or a batch is too small for batch norm.</exception>
    public StepSource(TrainingSession session, RankBlock block, long firstStep, TimeProvider clock, CancellationToken cancellation)
    {
        (_ranks, _clock) = (block.Count, clock);
        var (plan, set) = (session.Plan, session.Data.Train);
        _reader = new ImageBatchReader(
            set.Files, set.Pipeline, plan.Training.ImagesPerRank, new TrainingOrder(plan, block, firstStep), session.Cores, block.Count, cancellation: cancellation);
        try
        {
            SmallBatches.Check(plan, _reader.Size);
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <summary>Width and height of all images.</summary>
    public ImageSize Size => _reader.Size;

    /// <summary>The next step's batches, one for each hosted rank in rank order, and how long they were waited for.</summary>
    /// <exception cref="UserErrorException">An image cannot be read.</exception>
    public (IReadOnlyList<ImageBatch> Batches, TimeSpan Waited) Next()
    {
        var begun = _clock.GetTimestamp();
        var batches = new List<ImageBatch>(_ranks);
        try
        {
            while (batches.Count < _ranks)
                batches.Add(_reader.Read() ?? throw new InvalidOperationException("the order of batches ended before the run"));
        }
        catch
        {
            batches.ForEach(batch => batch.Dispose());
            throw;
        }
        return (batches, _clock.GetElapsedTime(begun));
    }

    public void Dispose() => _reader.Dispose();
}
