using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints;

/// <summary>A tensor as it was saved: a view of a storage. Nothing is read before it is copied out.</summary>
public sealed class CheckpointTensor
{
    /// <summary>Above this many elements a tensor may not have more elements than its storage (strides of 0 repeat them).</summary>
    private const long RepeatLimit = 1L << 28;

    private CheckpointTensor(CheckpointStorage storage, long offset, long[] shape, long[] stride, long count) =>
        (Storage, Offset, Shape, Stride, Count) = (storage, offset, shape, stride, count);

    public CheckpointStorage Storage { get; }

    public DType DType => Storage.DType;

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Steps in elements, as saved.</summary>
    public IReadOnlyList<long> Stride { get; }

    /// <summary>First element in the storage.</summary>
    public long Offset { get; }

    /// <summary>Elements.</summary>
    public long Count { get; }

    /// <summary>Bytes of the contiguous copy.</summary>
    public long ByteCount => Count * DType.Size();

    /// <summary>The elements stand in the storage as a contiguous row-major copy would have them.</summary>
    public bool IsContiguous => StridedCopy.RunLength(Shape, Stride) >= Count;

    /// <summary>Copies the elements, row-major and contiguous; Booleans become 0 or 1.</summary>
    /// <param name="destination">Exactly <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="CheckpointException">The data are damaged (CRC-32, compression).</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length != ByteCount)
        {
            throw new ArgumentException($"The tensor has {ByteCount} bytes, the destination {destination.Length}.", nameof(destination));
        }
        StridedCopy.Copy(this, destination);
        if (DType == DType.Bool)
        {
            foreach (ref byte flag in destination)
            {
                flag = flag == 0 ? (byte)0 : (byte)1;
            }
        }
    }

    /// <summary>Copies the elements as float32, row-major; float16, bfloat16, float64, whole numbers and Booleans are converted.</summary>
    /// <param name="destination">Exactly <see cref="Count"/> elements.</param>
    /// <exception cref="CheckpointException">The data are damaged, or complex.</exception>
    public void CopyToFloat32(Span<float> destination)
    {
        if (destination.Length != Count)
        {
            throw new ArgumentException($"The tensor has {Count} elements, the destination {destination.Length}.", nameof(destination));
        }
        if (DType == DType.Float32)
        {
            CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(destination));
            return;
        }
        byte[] raw = new byte[ByteCount];
        CopyTo(raw);
        ElementConversion.ToFloat32(raw, DType, destination);
    }

    /// <summary>Writes the elements, row-major and contiguous: <see cref="ByteCount"/> bytes, straight from the file where they stand so in it.</summary>
    public void WriteTo(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!IsContiguous || DType == DType.Bool)
        {
            output.Write(ToArray());
            return;
        }
        const int chunk = 1 << 20;
        FileBytes bytes = Storage.Bytes;
        for (long at = 0; at < ByteCount; at += chunk)
        {
            output.Write(bytes.Span((Offset * DType.Size()) + at, (int)Math.Min(chunk, ByteCount - at)));
        }
    }

    /// <summary>A contiguous copy of its own.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[ByteCount];
        CopyTo(bytes);
        return bytes;
    }

    internal static CheckpointTensor Create(StorageView view, long offset, long[] shape, long[] stride, Refusals refuse)
    {
        string what = $"a tensor of shape [{string.Join(", ", shape)}], strides [{string.Join(", ", stride)}], offset {offset}";
        if (offset < 0 || shape.Any(n => n < 0) || stride.Any(n => n < 0))
        {
            throw refuse.Because(CheckpointFault.OutOfBounds, $"{what} has a negative number in it");
        }
        bool empty = shape.Contains(0);
        Int128 last = offset;
        for (int d = 0; d < shape.Length && !empty; d++)
        {
            last += (Int128)(shape[d] - 1) * stride[d];
            if (last >= view.Count)
            {
                break;
            }
        }
        if (empty ? offset > view.Count : last >= view.Count)
        {
            throw refuse.Because(CheckpointFault.OutOfBounds, $"{what} reaches past its storage '{view.Storage.Key}' of {view.Count} elements");
        }
        Int128 count = empty ? 0 : 1;
        for (int d = 0; d < shape.Length && !empty; d++)
        {
            count *= shape[d];
            if (count > Math.Max(RepeatLimit, view.Count))
            {
                throw refuse.Because(CheckpointFault.TooLarge, $"{what} repeats the {view.Count} elements of its storage more than {RepeatLimit} times over");
            }
        }
        return new CheckpointTensor(view.Storage, view.Offset + offset, shape, stride, (long)count);
    }
}
