using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>
/// Normalised feature rows in memory of libtorch's own, padded with zero rows to a size of the plan: a product's bits depend on the
/// shape and, where MKL is free to choose, on the address of what goes in.
/// </summary>
public sealed class KnnTile : IDisposable
{
    /// <param name="features">Raw rows x width, row-major, at most <paramref name="size"/> rows; they are normalised here.</param>
    /// <param name="size">Rows of the tile, fixed by the plan.</param>
    /// <param name="first">Number of the first row in its split.</param>
    /// <param name="split">Which data the rows are of, for messages.</param>
    /// <param name="device">Where the tile is multiplied; rows are normalised on the processor, so that they are the same for all.</param>
    /// <exception cref="UserErrorException">A row holds NaN or infinity.</exception>
    public KnnTile(ReadOnlySpan<float> features, int width, int size, int first, string split, ComputeDevice device)
    {
        (First, Rows) = (first, features.Length / width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Rows, size, nameof(features));
        using var rows = zeros(size, width, ScalarType.Float32);
        Normalization.Rows(features, width, rows.Floats(), split, first);
        Tensor = device.Put(rows).DetachFromDisposeScope();
    }

    /// <summary>Number of the first row in its split.</summary>
    public int First { get; }

    /// <summary>Rows that count; the others are padding.</summary>
    public int Rows { get; }

    /// <summary>Size x width.</summary>
    internal Tensor Tensor { get; }

    /// <summary>Cosine similarities in float32 of every query to every bank entry, padding included: queries x bank, on the tiles' device.</summary>
    internal static Tensor Similarities(KnnTile queries, KnnTile bank)
    {
        if (!queries.Tensor.IsAligned() || !bank.Tensor.IsAligned())
            throw new InvalidOperationException($"libtorch gave memory that is not aligned to {TensorMemory.Alignment} bytes");
        using var transposed = bank.Tensor.t();
        return queries.Tensor.mm(transposed);
    }

    public void Dispose() => Tensor.Dispose();
}
