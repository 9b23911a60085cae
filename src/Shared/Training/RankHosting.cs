namespace ClusterBench.Training;

/// <summary>The virtual ranks that one worker hosts: <paramref name="Count"/> of them from <paramref name="First"/> on.</summary>
public readonly record struct RankBlock(int First, int Count)
{
    /// <summary>The rank after the last one.</summary>
    public int End => First + Count;

    /// <summary>Whether the worker hosts that virtual rank.</summary>
    public bool Contains(int rank) => First <= rank && rank < End;
}

/// <summary>Which virtual ranks each worker of a gang hosts: a pure function of their numbers, so that nobody has to agree on it.</summary>
public static class RankHosting
{
    /// <summary>
    /// Contiguous blocks of at most ceil(V/W) ranks, at least one, cut so that the blocks fall into the fewest maximal sub-trees of the
    /// <see cref="ReductionTree"/> in all, because each is sent on its own; of several such cuts the one whose first blocks are smaller.
    /// </summary>
    /// <param name="virtualRanks">V.</param>
    /// <param name="workers">W, at most V: further workers are spares.</param>
    /// <returns>The block of each worker, in the order of the gang's ranks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">W is not in 1..V.</exception>
    public static IReadOnlyList<RankBlock> Blocks(int virtualRanks, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, virtualRanks);
        var largest = (virtualRanks + workers - 1) / workers;
        // fewest[w][first]: sub-trees of the ranks from `first` on when w workers host them; infinite where that cannot be.
        var fewest = new int[workers + 1][];
        for (var w = 0; w <= workers; w++)
        {
            fewest[w] = new int[virtualRanks + 1];
            Array.Fill(fewest[w], int.MaxValue);
            for (var first = virtualRanks; first >= 0; first--)
            {
                fewest[w][first] = w == 0 ? (first == virtualRanks ? 0 : int.MaxValue)
                    : Candidates(w, first).Select(static c => c.Subtrees).DefaultIfEmpty(int.MaxValue).Min();
            }
        }

        var blocks = new List<RankBlock>(workers);
        for (var (w, first) = (workers, 0); w > 0; first = blocks[^1].End, w--)
        {
            blocks.Add(Candidates(w, first).First(c => c.Subtrees == fewest[w][first]).Block);
        }

        return blocks;

        IEnumerable<(RankBlock Block, int Subtrees)> Candidates(int w, int first) =>
            from count in Enumerable.Range(1, Math.Min(largest, virtualRanks - first))
            let rest = fewest[w - 1][first + count]
            where rest != int.MaxValue
            let block = new RankBlock(first, count)
            select (block, rest + ReductionTree.MaximalSubtrees(virtualRanks, block).Count);
    }
}
