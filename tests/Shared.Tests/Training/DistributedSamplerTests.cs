using ClusterBench.Training;
using CsCheck;

namespace ClusterBench.Tests.Training;

public sealed class DistributedSamplerTests
{
    [Fact]
    public void Ranks_and_batches_are_cut_from_the_wrapped_order_as_torch_cuts_them() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 12], Gen.Int[1, 40], Gen.Bool).Sample(
            (samples, ranks, batch, dropLast) =>
            {
                var perRank = (samples + ranks - 1) / ranks;
                if (dropLast && perRank < batch)
                {
                    return;
                }

                // torch: the order, itself appended until the length is a multiple of V; rank r takes [r::V]; DataLoader chunks that.
                var order = Order(samples, epoch: 3);
                var wrapped = Enumerable.Range(0, perRank * ranks).Select(i => order[i % samples]).ToArray();
                var sampler = new DistributedSampler(samples, ranks, batch, dropLast, seed: 5);
                var epoch = sampler.Epoch(3);
                for (var rank = 0; rank < ranks; rank++)
                {
                    var chunks = wrapped.Where((_, i) => i % ranks == rank).Chunk(batch).Where(chunk => !dropLast || chunk.Length == batch).ToArray();
                    Assert.Equal(chunks.Length, sampler.StepsPerEpoch);
                    for (var step = 0; step < chunks.Length; step++)
                    {
                        Assert.Equal(chunks[step], epoch.Batch(step, rank));
                        Assert.Equal(chunks[step].Length, sampler.BatchSizeAt(step));
                    }
                }
            },
            iter: 300, seed: "0000000000001");

    [Fact]
    public void A_list_shorter_than_the_ranks_is_repeated()
    {
        var epoch = new DistributedSampler(3, 8, 4, dropLast: false, seed: 0).Epoch(0);
        var firsts = Enumerable.Range(0, 8).Select(rank => Assert.Single(epoch.Batch(0, rank))).ToArray();

        Assert.Equal([0, 1, 2], firsts[..3].Order());
        Assert.Equal([.. firsts[..3], .. firsts[..3], .. firsts[..2]], firsts);
    }

    [Fact]
    public void An_epoch_visits_every_sample_in_an_order_of_its_own_seed_and_epoch()
    {
        int[] Visited(int seed, int epoch) => [.. Enumerable.Range(0, 25).SelectMany(step => new DistributedSampler(1000, 1, 40, false, seed).Epoch(epoch).Batch(step, 0))];

        Assert.Equal(Enumerable.Range(0, 1000), Visited(0, 0).Order());
        Assert.Equal(Visited(0, 0), Visited(0, 0));
        Assert.InRange(Visited(0, 0).Zip(Visited(0, 1)).Count(pair => pair.First == pair.Second), 0, 6);
        Assert.InRange(Visited(0, 0).Zip(Visited(1, 0)).Count(pair => pair.First == pair.Second), 0, 6);
    }

    [Fact]
    public void Every_order_of_a_short_list_is_equally_likely()
    {
        const int Epochs = 24_000;
        var counts = Enumerable.Range(0, Epochs).GroupBy(epoch => string.Join(',', Order(4, epoch))).Select(orders => orders.Count()).ToArray();

        Assert.Equal(24, counts.Length);
        Assert.InRange(counts.Sum(count => Math.Pow(count - (Epochs / 24.0), 2) / (Epochs / 24.0)), 0, 23 + (5 * Math.Sqrt(46)));
    }

    /// <summary>Results of finished runs depend on this order.</summary>
    [Fact]
    public void A_known_seed_and_epoch_give_a_known_order() =>
        Assert.Equal([4, 9, 6, 8, 1, 7, 3, 0, 5, 2], Order(10, epoch: 1));

    [Fact]
    public void A_sampler_without_a_step_says_why()
    {
        var error = Assert.Throws<UserErrorException>(() => new DistributedSampler(100, 4, 32, dropLast: true, seed: 0));
        Assert.Contains("data.drop_last", error.Message, StringComparison.Ordinal);
        Assert.Contains("25", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<UserErrorException>(() => new DistributedSampler(0, 4, 32, dropLast: false, seed: 0));
        Assert.Contains("no image", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_and_ranks_that_do_not_exist_are_refused()
    {
        var epoch = new DistributedSampler(100, 4, 10, dropLast: false, seed: 0).Epoch(0);

        Assert.Equal(5, epoch.Batch(2, 3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => epoch.Batch(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => epoch.Batch(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => epoch.Batch(0, 4));
    }

    private static int[] Order(int samples, int epoch) => new DistributedSampler(samples, 1, samples, false, seed: 5).Epoch(epoch).Batch(0, 0);
}
