using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Features;

namespace ClusterBench.Tests.Features;

/// <summary>3 x 32 x 32 images in native memory, cut into batches; the last one is padded.</summary>
internal sealed unsafe class Batches : IDisposable
{
    private const int ImageSize = 3 * 32 * 32;
    private readonly int _size;
    private readonly float* _memory;
    private int _released;

    public Batches(float[] images, int size)
    {
        (_size, Images) = (size, images.Length / ImageSize);
        var padded = (Images + size - 1) / size * size * ImageSize;
        _memory = (float*)NativeMemory.AllocZeroed((nuint)padded, sizeof(float));
        images.CopyTo(new Span<float>(_memory, padded));
    }

    public int Images { get; }

    public int Released => _released;

    public IEnumerable<ImageBatch> All()
    {
        for (var first = 0; first < Images; first += _size)
            yield return Batch(first);
    }

    public void Dispose() => NativeMemory.Free(_memory);

    private ImageBatch Batch(int first) => new(
        first, Math.Min(_size, Images - first), _size, 3, 32, 32, (nint)(_memory + (long)first * ImageSize), () => Interlocked.Increment(ref _released));
}
