using ClusterBench.Protocol;
using ClusterBench.Runs;
using CsCheck;

namespace ClusterBench.Tests.Runs;

public sealed class ShardPlannerTests
{
    [Fact]
    public void Every_image_is_in_exactly_one_shard_of_whole_batches_whatever_the_size() =>
        Gen.Select(Gen.Int[1, 3_000_000], Gen.Int[1, 512]).Sample(
            (images, batch) =>
            {
                var plan = new PlanMade { Splits = { new SplitPlan { Split = "train", Images = images, ShardImages = ShardPlanner.ImagesPerShard(images, batch) } } };
                var shards = ShardPlanner.Shards("features", plan).Where(s => s.Kind == "extract").ToList();

                Assert.Equal(0, shards[0].Start);
                Assert.Equal(images, shards[^1].End);
                Assert.All(shards.Zip(shards.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
                Assert.All(shards.SkipLast(1), s => Assert.Equal(0, (s.End - s.Start) % batch));
                Assert.True(shards.Count <= 1000, $"{shards.Count} shards");
            },
            iter: 300, seed: "0000000000001");

    [Fact]
    public void Shard_names_are_unique_and_sort_in_their_order()
    {
        var shards = ShardPlanner.Shards("knn", RunStateTests.Plan());

        Assert.Equal(shards.Count, shards.Select(s => s.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("extract/train/0000", shards[0].Id);
        Assert.Equal("merge", shards[^1].Id);
        Assert.Equal([1, 1, 2, 3], shards.Select(s => s.Stage).Distinct().Prepend(1).Order());
    }

    [Fact]
    public void A_shard_reads_exactly_the_results_that_hold_its_rows()
    {
        var shards = ShardPlanner.Shards("knn", RunStateTests.Plan());
        var block = shards.First(s => s.Kind == "topk");
        var read = shards.Where(s => ShardPlanner.Reads(block, s)).ToList();

        Assert.Equal(shards.Where(s => s.Kind == "extract" && (s.Split == "val" || (s.Start < block.End && s.End > block.Start))), read);
        Assert.Equal(shards.Where(s => s.Kind == "topk"), shards.Where(s => ShardPlanner.Reads(shards[^1], s)));
        Assert.DoesNotContain(shards, s => ShardPlanner.Reads(shards[0], s));
    }
}
