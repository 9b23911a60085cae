using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Collectives;

public sealed class LeafFoldTests
{
    private const int Length = 3001;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(13)]
    public void One_member_gets_the_trees_mean_whichever_rank_is_ready_first(int ranks)
    {
        using var collective = new LocalCollective(Gangs.Group(ranks, 1, 0));
        var expected = Gangs.Mean(ranks, Length);
        Func<int[], int[]>[] orders = [static r => r, static r => [.. r.Reverse()], static r => [.. r.OrderBy(static x => x * 5 % 7).ThenBy(static x => x)]];
        Assert.All(orders, order => Assert.Null(Bits.Difference(expected, Gangs.Reduce(collective, Length, order: order))));
    }

    [Fact]
    public void The_data_tells_the_tree_from_a_plain_sum()
    {
        var plain = new float[Length];
        for (var rank = 0; rank < 7; rank++)
            plain = [.. plain.Zip(Gangs.Leaf(rank, Length), static (a, b) => a + b)];
        Assert.NotNull(Bits.Difference(Gangs.Mean(7, Length), [.. plain.Select(static x => x * (float)(1.0 / 7))]));
    }

    [Fact]
    public void The_sum_is_that_of_libtorch_to_the_bit()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (one, quarter) = (Numbers.One, Numbers.Hold(0.25));
        var leaves = Enumerable.Range(0, 4).Select(r => TensorMemory.Copy(Gangs.Leaf(r, Length), Length)).ToArray();
        var sum = leaves[0].add_(leaves[1], one).add_(leaves[2].add_(leaves[3], one), one).mul_(quarter);
        Assert.Null(Bits.Difference(Gangs.Mean(4, Length), sum.Floats()));
    }

    [Fact]
    public async Task Ranks_that_are_ready_at_once_give_the_same_bits_and_leave_their_leaves_alone()
    {
        const int Ranks = 16;
        using var scope = NewDisposeScope();
        using var fold = new LeafFold(Ranks, new RankBlock(0, Ranks), Length);
        using var collective = new LocalCollective(Gangs.Group(Ranks, 1, 0));
        var leaves = Enumerable.Range(0, Ranks).Select(r => TensorMemory.Copy(Gangs.Leaf(r, Length), Length)).ToArray();
        var (mean, expected) = (empty(Length, ScalarType.Float32), Gangs.Mean(Ranks, Length));
        for (var repetition = 0; repetition < 20; repetition++)
        {
            fold.Begin();
            await Task.WhenAll(Enumerable.Range(0, Ranks).Select(r => Task.Run(() => fold.Add(r, leaves[r]), TestContext.Current.CancellationToken)));
            collective.Reduce(repetition, 0, fold.Sums, mean).Wait();
            Assert.Null(Bits.Difference(expected, mean.Floats()));
        }
        Assert.All(leaves.Index(), leaf => Assert.Null(Bits.Difference(Gangs.Leaf(leaf.Index, Length), leaf.Item.Floats())));
    }

    [Fact]
    public void A_host_holds_no_more_partial_sums_than_a_binary_counter()
    {
        using var scope = NewDisposeScope();
        using var fold = new LeafFold(64, new RankBlock(0, 64), 16);
        var before = Tensor.TotalCount;
        var leaf = TensorMemory.Copy(new float[16], 16);
        for (var rank = 0; rank < 64; rank++)
            fold.Add(rank, leaf);
        Assert.InRange(Tensor.TotalCount - before - 1, 1, 6);
    }

    [Fact]
    public void Wrong_leaves_are_refused()
    {
        using var scope = NewDisposeScope();
        using var fold = new LeafFold(4, new RankBlock(2, 2), 8);
        var leaf = zeros(8, ScalarType.Float32);
        Assert.Throws<ArgumentOutOfRangeException>(() => fold.Add(1, leaf));
        Assert.Throws<ArgumentException>(() => fold.Add(2, zeros(7, ScalarType.Float32)));
        Assert.Throws<ArgumentException>(() => fold.Add(2, zeros(8, ScalarType.Float64)));
        fold.Add(2, leaf);
        Assert.Throws<ArgumentException>(() => fold.Add(2, leaf));
        Assert.Contains("virtual rank 3 has not added", Assert.Throws<InvalidOperationException>(() => fold.Sums).Message, StringComparison.Ordinal);
    }
}
