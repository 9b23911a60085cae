using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>
/// Keeps the K most similar bank entries of one query while similarities come in rising order of bank index. Entries above the
/// current K-th similarity are gathered and cut back to K when there are 4 K of them, so almost all entries cost one comparison.
/// </summary>
internal sealed class TopK
{
    private readonly int _k;
    private readonly Entry[] _entries;
    private int _count;
    private float _threshold = float.NegativeInfinity;

    public TopK(int k) => (_k, _entries) = (k, new Entry[Math.Max(4 * k, k + 64)]);

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
        Array.Sort(_entries, 0, _count, Entry.Order);
        for (var i = 0; i < similarities.Length; i++)
            (similarities[i], indices[i]) = (_entries[i].Similarity, _entries[i].Index);
        (_count, _threshold) = (0, float.NegativeInfinity);
    }

    // Strictly above: an equal similarity with a later index loses against the K that are there.
    private void Add(float similarity, int index)
    {
        if (!(similarity > _threshold))
            return;
        _entries[_count++] = new Entry(similarity, index);
        if (_count < _entries.Length)
            return;
        Array.Sort(_entries, 0, _count, Entry.Order);
        _count = _k;
        _threshold = _entries[_k - 1].Similarity;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(float Similarity, int Index)
    {
        public static readonly Comparer<Entry> Order = Comparer<Entry>.Create((a, b) =>
            KnnCandidates.IsBefore(a.Similarity, a.Index, b.Similarity, b.Index) ? -1
            : KnnCandidates.IsBefore(b.Similarity, b.Index, a.Similarity, a.Index) ? 1 : 0);
    }
}
