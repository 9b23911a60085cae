namespace ClusterBench.GpuWorker.Knn;

/// <summary>Puts the candidates of the bank's blocks together: exactly the most similar entries of the whole bank.</summary>
public static class KnnMerge
{
    /// <summary>The k best of all blocks, by falling similarity and rising bank index; the blocks may come in any order.</summary>
    /// <param name="k">The largest k.</param>
    /// <exception cref="UserErrorException">The blocks together have fewer than <paramref name="k"/> entries.</exception>
    public static KnnCandidates Merge(IReadOnlyList<KnnCandidates> blocks, int k)
    {
        var queries = blocks[0].Queries;
        if (blocks.Any(block => block.Queries != queries))
            throw new ArgumentException("all blocks are searched for the same queries", nameof(blocks));
        // A block gives min(k, its entries), so a sum below k is the whole bank.
        var available = blocks.Sum(block => (long)block.Count);
        if (available < k)
            throw TooFew(k, available);
        var merged = new KnnCandidates(queries, k);
        var next = new int[blocks.Count];
        for (var query = 0; query < queries; query++)
        {
            Array.Clear(next);
            for (var place = 0; place < k; place++)
            {
                var best = Best(blocks, next, query);
                merged.SimilaritiesOf(query)[place] = blocks[best].SimilaritiesOf(query)[next[best]];
                merged.IndicesOf(query)[place] = blocks[best].IndicesOf(query)[next[best]];
                next[best]++;
            }
        }
        return merged;
    }

    /// <exception cref="UserErrorException">The bank has fewer than <paramref name="k"/> entries.</exception>
    public static void RequireBank(int k, long bankRows)
    {
        if (bankRows < k)
            throw TooFew(k, bankRows);
    }

    private static int Best(IReadOnlyList<KnnCandidates> blocks, int[] next, int query)
    {
        var best = -1;
        for (var block = 0; block < blocks.Count; block++)
        {
            if (next[block] == blocks[block].Count)
                continue;
            if (best < 0 || KnnCandidates.IsBefore(
                    blocks[block].SimilaritiesOf(query)[next[block]], blocks[block].IndicesOf(query)[next[block]],
                    blocks[best].SimilaritiesOf(query)[next[best]], blocks[best].IndicesOf(query)[next[best]]))
                best = block;
        }
        return best;
    }

    private static UserErrorException TooFew(int k, long entries) =>
        new($"k = {k} nearest neighbours cannot be taken from a bank of {entries} images. Use smaller values of --k or a longer training list.");
}
