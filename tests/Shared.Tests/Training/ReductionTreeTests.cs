using System.Globalization;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class ReductionTreeTests
{
    private const int MaxRanks = 64;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 4)]
    [InlineData(7, 4)]
    [InlineData(8, 4)]
    [InlineData(9, 8)]
    [InlineData(64, 32)]
    public void The_left_child_has_the_largest_power_of_two_below_the_nodes_leaves(int leaves, int left) =>
        Assert.Equal(left, ReductionTree.LeftLeaves(leaves));

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "(0+1)")]
    [InlineData(3, "((0+1)+2)")]
    [InlineData(4, "((0+1)+(2+3))")]
    [InlineData(6, "(((0+1)+(2+3))+(4+5))")]
    [InlineData(7, "(((0+1)+(2+3))+((4+5)+6))")]
    public void The_tree_of_a_few_ranks_is_the_one_written_down(int ranks, string expression) => Assert.Equal(expression, Whole(ranks));

    [Fact]
    public void Every_number_of_workers_computes_the_same_expression()
    {
        for (var ranks = 1; ranks <= MaxRanks; ranks++)
        {
            var whole = Whole(ranks);
            for (var workers = 1; workers <= ranks; workers++)
            {
                var blocks = RankHosting.Blocks(ranks, workers);
                var pieces = blocks.SelectMany(block => ReductionTree.MaximalSubtrees(ranks, block)).ToArray();
                var sums = blocks.SelectMany(block => SumOf(ranks, block)).ToArray();
                foreach (var addition in ReductionTree.Additions(ranks, pieces))
                {
                    sums[addition.Left] = $"({sums[addition.Left]}+{sums[addition.Right]})";
                }

                Assert.Equal(whole, sums[0]);
            }
        }
    }

    [Fact]
    public void Any_block_falls_into_disjoint_sub_trees_in_rank_order_of_which_no_two_are_siblings()
    {
        for (var ranks = 1; ranks <= MaxRanks; ranks++)
        {
            for (var first = 0; first < ranks; first++)
            {
                for (var count = 1; first + count <= ranks; count++)
                {
                    var pieces = ReductionTree.MaximalSubtrees(ranks, new RankBlock(first, count));
                    Assert.Equal(first, pieces[0].First);
                    Assert.Equal(first + count, pieces[^1].End);
                    Assert.All(pieces.Zip(pieces.Skip(1)), static pair => Assert.Equal(pair.First.End, pair.Second.First));
                    Assert.Empty(ReductionTree.Additions(ranks, pieces));
                }
            }
        }
    }

    [Fact]
    public void Whoever_takes_leaves_in_rank_order_holds_no_more_than_a_binary_counter_of_sums()
    {
        for (var ranks = 1; ranks <= MaxRanks; ranks++)
        {
            var leaves = Enumerable.Range(0, ranks).Select(static r => new TreeNode(r, 1)).ToArray();
            var additions = ReductionTree.Additions(ranks, leaves);
            var (held, done) = (0, 0);
            for (var rank = 0; rank < ranks; rank++)
            {
                held++;
                for (; done < additions.Count && additions[done].Node.End == rank + 1; done++)
                {
                    held--;
                }

                // One sum per bit of the number of leaves taken so far.
                Assert.InRange(held, 1, System.Numerics.BitOperations.PopCount((uint)rank + 1));
            }

            Assert.Equal(additions.Count, done);
            Assert.Equal(1, held);
        }
    }

    [Fact]
    public void Pieces_that_are_no_sub_trees_overlap_or_are_out_of_order_are_refused()
    {
        TreeNode[][] wrong = [[new(1, 2)], [new(0, 3)], [new(0, 2), new(1, 1)], [new(2, 2), new(0, 2)], [new(0, 8)], [new(-1, 1)]];
        Assert.All(wrong, static pieces => Assert.Throws<ArgumentException>(() => ReductionTree.Additions(4, pieces)));
        RankBlock[] blocks = [new(0, 0), new(-1, 2), new(3, 2)];
        Assert.All(blocks, static block => Assert.Throws<ArgumentOutOfRangeException>(() => ReductionTree.MaximalSubtrees(4, block)));
        Assert.Throws<ArgumentOutOfRangeException>(static () => ReductionTree.LeftLeaves(1));
    }

    /// <summary>The definition itself, written down a second time.</summary>
    private static string Whole(int ranks)
    {
        return Node(0, ranks);

        static string Node(int first, int count)
        {
            if (count == 1)
            {
                return first.ToString(CultureInfo.InvariantCulture);
            }

            var left = 1;
            while (left * 2 < count)
            {
                left *= 2;
            }

            return $"({Node(first, left)}+{Node(first + left, count - left)})";
        }
    }

    /// <summary>What a host makes of its leaves: one expression for each maximal sub-tree.</summary>
    private static IEnumerable<string> SumOf(int ranks, RankBlock block)
    {
        var leaves = Enumerable.Range(block.First, block.Count).Select(static r => new TreeNode(r, 1)).ToArray();
        var sums = leaves.Select(static l => l.First.ToString(CultureInfo.InvariantCulture)).ToArray();
        foreach (var addition in ReductionTree.Additions(ranks, leaves))
        {
            sums[addition.Left] = $"({sums[addition.Left]}+{sums[addition.Right]})";
        }

        return ReductionTree.MaximalSubtrees(ranks, block).Select(node => sums[node.First - block.First]);
    }
}
