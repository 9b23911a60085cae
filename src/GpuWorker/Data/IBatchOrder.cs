using ClusterBench.GpuWorker.Images;

namespace ClusterBench.GpuWorker.Data;

/// <summary>
/// Which images make up the batches of a reader. It is asked by one thread at a time, for batch after batch and row after row, so
/// it may keep what belongs to the newest epoch only.
/// </summary>
public interface IBatchOrder
{
    /// <summary>Number of batches in all.</summary>
    int Batches { get; }

    /// <summary>Images of a batch: at least 1, at most the reader's batch size.</summary>
    int Count(int batch);

    /// <summary>The image in a row of a batch.</summary>
    ImageSample Sample(int batch, int row);
}

/// <summary>An image to transform.</summary>
/// <param name="Index">Its position in the list.</param>
/// <param name="Random">Whose random numbers the pipeline's random transforms take; null where there may be none.</param>
public readonly record struct ImageSample(int Index, SampleKey? Random);

/// <summary>A range of the list in its own order, cut into batches; the last may be smaller.</summary>
/// <param name="start">First image.</param>
/// <param name="end">One past the last image.</param>
public sealed class ContiguousBatches(int start, int end, int batchSize) : IBatchOrder
{
    public int Batches { get; } = (int)(((long)end - start + batchSize - 1) / batchSize);

    public int Count(int batch) => Math.Min(batchSize, end - (start + batch * batchSize));

    public ImageSample Sample(int batch, int row) => new(start + batch * batchSize + row, null);
}
