using System.Runtime.Intrinsics;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>
/// Keeps the K most similar bank entries of one query while similarities come in rising order of bank index. Entries above the
/// current K-th similarity are gathered and cut back to K when there are 4 K of them, so almost all entries cost one comparison.
/// </summary>
internal sealed class TopK
{
    private readonly int _k;
    // An entry is one number that rises in the order of KnnCandidates.IsBefore: sorting numbers is several times as fast as
    // sorting by a comparer.
    private readonly ulong[] _entries;
    private int _count;
    private float _threshold = float.NegativeInfinity;

    public TopK(int k) => (_k, _entries) = (k, new ulong[Math.Max(4 * k, k + 64)]);

    /// <summary>Takes similarities of the bank entries firstIndex, firstIndex + 1, ...; indices must rise from call to call.</summary>
    public void Add(ReadOnlySpan<float> similarities, int firstIndex)
    {
        var i = 0;
        for (; i <= similarities.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            if (!Vector256.GreaterThanAny(Vector256.Create(similarities.Slice(i, Vector256<float>.Count)), Vector256.Create(_threshold)))
                continue;
            for (var j = i; j < i + Vector256<float>.Count; j++)
                Add(similarities[j], firstIndex + j);
        }
        for (; i < similarities.Length; i++)
            Add(similarities[i], firstIndex + i);
    }

    /// <summary>Writes the K best, best first, and starts anew.</summary>
    public void Take(Span<float> similarities, Span<int> indices)
    {
        _entries.AsSpan(0, _count).Sort();
        for (var i = 0; i < similarities.Length; i++)
            (similarities[i], indices[i]) = (Similarity(_entries[i]), (int)(uint)_entries[i]);
        (_count, _threshold) = (0, float.NegativeInfinity);
    }

    // Strictly above: an equal similarity with a later index loses against the K that are there.
    private void Add(float similarity, int index)
    {
        if (!(similarity > _threshold))
            return;
        _entries[_count++] = Entry(similarity, index);
        if (_count < _entries.Length)
            return;
        _entries.AsSpan().Sort();
        _count = _k;
        _threshold = Similarity(_entries[_k - 1]);
    }

    // The bits of a float order like a signed number once those of a negative one, sign aside, are turned round; the complement of
    // that puts the largest first. Adding 0 makes -0, which equals 0, the same number.
    private static ulong Entry(float similarity, int index)
    {
        var bits = BitConverter.SingleToInt32Bits(similarity + 0f);
        var rising = (uint)(bits ^ ((bits >> 31) & int.MaxValue)) ^ 0x80000000;
        return ((ulong)~rising << 32) | (uint)index;
    }

    private static float Similarity(ulong entry)
    {
        var bits = (int)(~(uint)(entry >> 32) ^ 0x80000000);
        return BitConverter.Int32BitsToSingle(bits ^ ((bits >> 31) & int.MaxValue));
    }
}
