namespace ClusterBench.Training;

/// <summary>A sub-tree of the reduction tree, named by the leaves below it.</summary>
/// <param name="First">Its first virtual rank.</param>
/// <param name="Count">Number of its virtual ranks, at least 1.</param>
public readonly record struct TreeNode(int First, int Count)
{
    /// <summary>The rank after its last one.</summary>
    public int End => First + Count;
}

/// <summary>One addition of the tree: the sum at <paramref name="Left"/> becomes itself plus the sum at <paramref name="Right"/>.</summary>
/// <param name="Left">Index of the left operand, and of the sum, among the pieces.</param>
/// <param name="Right">Index of the right operand, which is not read again.</param>
/// <param name="Node">The sub-tree whose sum is then at <paramref name="Left"/>.</param>
public readonly record struct TreeAddition(int Left, int Right, TreeNode Node);

/// <summary>
/// The one binary tree along which the virtual ranks 0..V-1 are summed, whoever hosts them: the left child of a node with n > 1 leaves
/// has the largest power of two below n. Floating-point addition is not associative; that this tree depends on V alone is what makes
/// a sum bit-identical for every number of workers.
/// </summary>
public static class ReductionTree
{
    /// <summary>Leaves below the left child of a node with <paramref name="leaves"/> leaves: the largest power of two below it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A leaf has no children.</exception>
    public static int LeftLeaves(int leaves)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leaves, 2);
        return 1 << System.Numerics.BitOperations.Log2((uint)leaves - 1);
    }

    /// <summary>The largest sub-trees that lie wholly in a block, in rank order: what the block's host can sum alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is empty or not within the ranks.</exception>
    public static IReadOnlyList<TreeNode> MaximalSubtrees(int virtualRanks, RankBlock block)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Count, 1, nameof(block));
        ArgumentOutOfRangeException.ThrowIfLessThan(block.First, 0, nameof(block));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.End, virtualRanks, nameof(block));
        var found = new List<TreeNode>();
        Collect(new TreeNode(0, virtualRanks));
        return found;

        void Collect(TreeNode node)
        {
            if (node.End <= block.First || block.End <= node.First)
            {
                return;
            }

            if (block.First <= node.First && node.End <= block.End)
            {
                found.Add(node);
                return;
            }

            var left = LeftLeaves(node.Count);
            Collect(new TreeNode(node.First, left));
            Collect(new TreeNode(node.First + left, node.Count - left));
        }
    }

    /// <summary>
    /// The additions that are still to be made where sums of sub-trees (single leaves included) are there: each comes after those that it
    /// needs, and as early as the pieces up to its node's last rank allow. So whoever takes pieces in rank order holds no more than a
    /// binary counter of sums, and ends with one sum for each sub-tree that no other contains.
    /// </summary>
    /// <param name="pieces">Disjoint sub-trees in rank order, not necessarily of all ranks.</param>
    /// <exception cref="ArgumentException">A piece is no sub-tree, or the pieces are out of order or overlap.</exception>
    public static IReadOnlyList<TreeAddition> Additions(int virtualRanks, IReadOnlyList<TreeNode> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var (additions, next) = (new List<TreeAddition>(), 0);
        Sum(new TreeNode(0, virtualRanks));
        return next == pieces.Count
            ? additions
            : throw new ArgumentException($"{pieces[next]} is no sub-tree over {virtualRanks} ranks that follows the pieces before it", nameof(pieces));

        // The index at which the node's whole sum is, or null when the pieces do not cover it.
        int? Sum(TreeNode node)
        {
            if (next == pieces.Count || pieces[next].First >= node.End)
            {
                return null;
            }

            if (pieces[next] == node)
            {
                return next++;
            }

            if (node.Count == 1)
            {
                return null;
            }

            var leaves = LeftLeaves(node.Count);
            var left = Sum(new TreeNode(node.First, leaves));
            var right = Sum(new TreeNode(node.First + leaves, node.Count - leaves));
            if (left is not { } into || right is not { } from)
            {
                return null;
            }

            additions.Add(new TreeAddition(into, from, node));
            return into;
        }
    }
}
