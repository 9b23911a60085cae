using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints;

/// <summary>Copies a view out of its storage in runs that are as long as the strides allow.</summary>
internal static class StridedCopy
{
    private const int Chunk = 1 << 24;

    /// <summary>Elements at the end of the index that stand one behind the other in the storage.</summary>
    public static long RunLength(IReadOnlyList<long> shape, IReadOnlyList<long> stride)
    {
        long run = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && stride[d] != run)
            {
                return run;
            }
            run *= shape[d];
        }
        return run;
    }

    public static void Copy(CheckpointTensor tensor, Span<byte> destination)
    {
        if (tensor.Count == 0)
        {
            return;
        }
        FileBytes from = tensor.Storage.Bytes;
        int size = tensor.DType.Size();
        if (tensor.IsContiguous)
        {
            for (int at = 0; at < destination.Length; at += Chunk)
            {
                int part = Math.Min(Chunk, destination.Length - at);
                from.Span((tensor.Offset * size) + at, part).CopyTo(destination[at..]);
            }
            return;
        }
        CopyRuns(tensor, from, size, destination);
    }

    private static void CopyRuns(CheckpointTensor tensor, FileBytes from, int size, Span<byte> destination)
    {
        int inner = tensor.Shape.Count;
        long run = 1;
        while (inner > 0 && (tensor.Shape[inner - 1] == 1 || tensor.Stride[inner - 1] == run))
        {
            run *= tensor.Shape[--inner];
        }
        Span<long> index = stackalloc long[inner];
        index.Clear();
        long element = tensor.Offset;
        int bytes = (int)(run * size);
        for (int at = 0; at < destination.Length; at += bytes)
        {
            from.Span(element * size, bytes).CopyTo(destination[at..]);
            for (int d = inner - 1; d >= 0; d--)
            {
                element += tensor.Stride[d];
                if (++index[d] < tensor.Shape[d])
                {
                    break;
                }
                element -= tensor.Stride[d] * tensor.Shape[d];
                index[d] = 0;
            }
        }
    }
}
