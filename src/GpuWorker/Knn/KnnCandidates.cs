namespace ClusterBench.GpuWorker.Knn;

/// <summary>
/// The most similar bank entries of each query, in falling order of similarity and among equal ones in rising order of bank index.
/// </summary>
public sealed class KnnCandidates
{
    /// <param name="queries">Rows.</param>
    /// <param name="count">Candidates of each query: the largest k, or the size of the block where that is smaller.</param>
    public KnnCandidates(int queries, int count)
        : this(queries, count, new float[(long)queries * count], new int[(long)queries * count])
    {
    }

    /// <summary>Candidates that were computed elsewhere, row-major.</summary>
    public KnnCandidates(int queries, int count, float[] similarities, int[] indices)
    {
        if (similarities.LongLength != (long)queries * count || indices.LongLength != similarities.LongLength)
            throw new ArgumentException($"{queries} queries with {count} candidates need {(long)queries * count} values, not {similarities.LongLength} and {indices.LongLength}", nameof(similarities));
        (Queries, Count, Similarities, Indices) = (queries, count, similarities, indices);
    }

    public int Queries { get; }
    public int Count { get; }

    /// <summary>Cosine similarities, queries x count.</summary>
    public float[] Similarities { get; }

    /// <summary>Indices in the whole bank, queries x count.</summary>
    public int[] Indices { get; }

    public Span<float> SimilaritiesOf(int query) => Similarities.AsSpan(query * Count, Count);

    public Span<int> IndicesOf(int query) => Indices.AsSpan(query * Count, Count);

    /// <summary>Writes all of it over the rows of another set from <paramref name="query"/> on.</summary>
    public void CopyTo(KnnCandidates all, int query)
    {
        Similarities.CopyTo(all.Similarities, (long)query * Count);
        Indices.CopyTo(all.Indices, (long)query * Count);
    }

    /// <summary>The order of candidates: similarity falling, then bank index rising.</summary>
    internal static bool IsBefore(float similarity, int index, float otherSimilarity, int otherIndex) =>
        similarity > otherSimilarity || (similarity == otherSimilarity && index < otherIndex);
}
