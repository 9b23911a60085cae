using System.Runtime.Intrinsics;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>
/// Sums float32 arrays along the additions of a tree in one pass over memory: block by block, partial sums stay in the first-level
/// cache. Additions and the last multiplication are element-wise and exact IEEE operations, so their bits depend on neither block nor
/// vector width.
/// </summary>
internal static unsafe class TreeSum
{
    private const int Block = 1024;

    /// <summary>The factor that makes the sum over V ranks their mean.</summary>
    public static float Mean(int virtualRanks) => (float)(1.0 / virtualRanks);

    /// <param name="additions">In order; the sum is at <paramref name="root"/> after the last one.</param>
    /// <param name="pieces">Addresses of the pieces' first elements; 0 for one that no addition names.</param>
    /// <param name="root">Index of the piece that holds the sum in the end.</param>
    /// <param name="factor">What the sum is multiplied with once; 1 changes no bits.</param>
    /// <param name="destination">Receives the result; one of the pieces, or apart from all. No other piece is changed.</param>
    public static void Run(IReadOnlyList<TreeAddition> additions, ReadOnlySpan<nint> pieces, int root, float factor, float* destination, long length)
    {
        var scratch = stackalloc float[Block * additions.Count];
        var places = stackalloc nint[pieces.Length];
        var isScratch = stackalloc bool[pieces.Length];
        for (long start = 0; start < length; start += Block)
        {
            var count = (int)Math.Min(Block, length - start);
            for (var i = 0; i < pieces.Length; i++)
            {
                places[i] = (nint)((float*)pieces[i] + start);
                isScratch[i] = false;
            }
            var free = scratch;
            for (var i = 0; i < additions.Count; i++)
            {
                var (left, right, _) = additions[i];
                var into = (float*)places[left];
                if (!isScratch[left])
                {
                    into = free;
                    free += Block;
                    isScratch[left] = true;
                }
                Add((float*)places[left], (float*)places[right], into, count);
                places[left] = (nint)into;
            }
            Multiply((float*)places[root], factor, destination + start, count);
        }
    }

    private static void Add(float* left, float* right, float* sum, int count)
    {
        var i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            (Vector256.Load(left + i) + Vector256.Load(right + i)).Store(sum + i);
        for (; i < count; i++)
            sum[i] = left[i] + right[i];
    }

    private static void Multiply(float* values, float factor, float* product, int count)
    {
        var (i, factors) = (0, Vector256.Create(factor));
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            (Vector256.Load(values + i) * factors).Store(product + i);
        for (; i < count; i++)
            product[i] = values[i] * factor;
    }
}
