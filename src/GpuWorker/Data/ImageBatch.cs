namespace ClusterBench.GpuWorker.Data;

/// <summary>
/// A batch of transformed images in native memory, [batch, 3, height, width] floats of which the first <see cref="Count"/> images
/// are real and the rest zeros. Dispose it to give the memory back to the reader; until then nothing touches it.
/// </summary>
public sealed unsafe class ImageBatch : IDisposable
{
    private readonly long _floats;
    private Action<ImageBatch>? _release;
    private nint _data;

    internal ImageBatch(int index, IReadOnlyList<int> samples, int slot, nint data, long floats, Action<ImageBatch> release)
    {
        (Index, Samples, Slot) = (index, samples, slot);
        (_data, _floats, _release) = (data, floats, release);
    }

    /// <summary>Number of the batch, from 0, in the reader's order.</summary>
    public int Index { get; }

    /// <summary>Positions in the list of the images, in the order of the rows.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>Position in the list of the first image.</summary>
    public int FirstSample => Samples[0];

    /// <summary>Real images; less than the batch size only in the last batch of a range or an epoch.</summary>
    public int Count => Samples.Count;

    /// <summary>Which of the reader's pieces of memory the batch lies in.</summary>
    public int Slot { get; }

    /// <summary>Address of the first float; a multiple of 64.</summary>
    public nint Data => _data != 0 ? _data : throw new ObjectDisposedException(nameof(ImageBatch));

    /// <summary>The whole batch with its zeros.</summary>
    public ReadOnlySpan<float> Floats => new((float*)Data, checked((int)_floats));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _release, null) is not { } release) return;
        _data = 0;
        release(this);
    }
}
