using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class RankHostingTests
{
    private const int MaxRanks = 64;

    [Fact]
    public void Every_hosting_is_contiguous_and_balanced_and_leaves_nobody_without_a_rank()
    {
        for (var ranks = 1; ranks <= MaxRanks; ranks++)
        {
            for (var workers = 1; workers <= ranks; workers++)
            {
                var blocks = RankHosting.Blocks(ranks, workers);
                Assert.Equal(workers, blocks.Count);
                Assert.Equal(0, blocks[0].First);
                Assert.Equal(ranks, blocks[^1].End);
                Assert.All(blocks.Zip(blocks.Skip(1)), static pair => Assert.Equal(pair.First.End, pair.Second.First));
                Assert.All(blocks, block => Assert.InRange(block.Count, 1, (ranks + workers - 1) / workers));
            }
        }
    }

    [Fact]
    public void No_other_cut_gives_fewer_sub_trees_and_of_equal_ones_the_first_is_taken()
    {
        for (var ranks = 1; ranks <= 12; ranks++)
        {
            for (var workers = 1; workers <= ranks; workers++)
            {
                var cuts = AllCuts(ranks, workers, 0, (ranks + workers - 1) / workers).ToArray();
                var fewest = cuts.Min(cut => Subtrees(ranks, cut));
                // AllCuts lists them by rising size of the first block, then of the second, ...
                Assert.Equal(cuts.First(cut => Subtrees(ranks, cut) == fewest), RankHosting.Blocks(ranks, workers));
            }
        }
    }

    [Theory]
    [InlineData(4, 1, "4")]
    [InlineData(4, 2, "2 2")]
    [InlineData(4, 3, "1 1 2")]
    [InlineData(4, 4, "1 1 1 1")]
    [InlineData(8, 3, "2 3 3")]
    [InlineData(6, 4, "1 1 2 2")]
    public void Small_gangs_are_cut_as_written_down(int ranks, int workers, string sizes) =>
        Assert.Equal(sizes, string.Join(' ', RankHosting.Blocks(ranks, workers).Select(static b => b.Count)));

    [Fact]
    public void A_power_of_two_of_workers_and_ranks_sends_one_sub_tree_each()
    {
        for (var ranks = 1; ranks <= MaxRanks; ranks *= 2)
        {
            for (var workers = 1; workers <= ranks; workers *= 2)
            {
                Assert.Equal(1, MostSubtrees(ranks, workers));
            }
        }
    }

    /// <summary>The traffic of a worker is (p + 1)(W - 1)/W of the gradient's size, p the sub-trees it hosts: up to 8 workers.</summary>
    [Theory]
    [InlineData(8, 2)]
    [InlineData(16, 2)]
    [InlineData(32, 4)]
    [InlineData(64, 5)]
    public void A_worker_sends_few_sub_trees_whatever_the_number_of_workers(int ranks, int most) =>
        Assert.Equal(most, Enumerable.Range(1, Math.Min(8, ranks)).Max(workers => MostSubtrees(ranks, workers)));

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 5)]
    [InlineData(0, 1)]
    public void A_gang_of_no_workers_or_of_more_than_ranks_is_refused(int ranks, int workers) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RankHosting.Blocks(ranks, workers));

    private static int MostSubtrees(int ranks, int workers) =>
        RankHosting.Blocks(ranks, workers).Max(block => ReductionTree.MaximalSubtrees(ranks, block).Count);

    private static int Subtrees(int ranks, IEnumerable<RankBlock> cut) => cut.Sum(block => ReductionTree.MaximalSubtrees(ranks, block).Count);

    private static IEnumerable<IReadOnlyList<RankBlock>> AllCuts(int ranks, int workers, int first, int largest)
    {
        if (workers == 0)
        {
            return first == ranks ? [[]] : [];
        }

        return from count in Enumerable.Range(1, Math.Min(largest, Math.Max(0, ranks - first)))
            from rest in AllCuts(ranks, workers - 1, first + count, largest)
            select (IReadOnlyList<RankBlock>)[new RankBlock(first, count), .. rest];
    }
}
