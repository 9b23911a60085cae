using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Collectives;

/// <summary>What members compute together, over loopback sockets.</summary>
[Collection(nameof(SocketTests))]
public sealed class TcpCollectiveTests
{
    [Theory]
    [InlineData(4, 2, 70_001)]
    [InlineData(4, 3, 70_001)]
    [InlineData(4, 4, 70_001)]
    [InlineData(4, 3, 1)]
    [InlineData(4, 4, 17)]
    [InlineData(6, 3, 200_003)]
    [InlineData(6, 5, 4_999)]
    [InlineData(7, 3, 333_333)]
    [InlineData(7, 5, 65_536)]
    public void Every_number_of_workers_computes_the_bits_of_one(int ranks, int workers, int length)
    {
        using var gang = new LoopbackGang(ranks, workers);
        using var alone = new LocalCollective(Gangs.Group(ranks, 1, 0));
        var expected = Gangs.Reduce(alone, length);
        Assert.Null(Bits.Difference(Gangs.Mean(ranks, length), expected));
        var results = gang.Run(collective => (
            Mean: Gangs.Reduce(collective, length, order: r => collective.Group.Rank % 2 == 0 ? r : [.. r.Reverse()]),
            collective.BytesSent, collective.BytesReceived, Subtrees: collective.Group.Subtrees(collective.Group.Rank).Count));
        Assert.All(results, result => Assert.Null(Bits.Difference(expected, result.Mean)));
        Assert.Equal(results.Sum(static r => r.BytesSent), results.Sum(static r => r.BytesReceived));
        // Each member's sums go to the other owners, each owner's part to all others: (p + 1)(W - 1)/W of the bucket, but for the rounding of parts.
        Assert.Equal(results.Sum(r => (r.Subtrees * (workers - 1.0) / workers + (workers - 1.0) / workers) * length * 4), results.Sum(static r => r.BytesSent), 64.0 * 4 * ranks * workers);
    }

    [Fact]
    public void Several_buckets_and_steps_in_flight_come_back_each_with_its_own_mean()
    {
        const int Length = 100_000;
        using var gang = new LoopbackGang(4, 3);
        var expected = Gangs.Mean(4, Length);
        var wrong = gang.Run(collective =>
        {
            using var scope = NewDisposeScope();
            var hosted = collective.Group.Hosted;
            using var fold = new LeafFold(4, hosted, Length);
            var means = Enumerable.Range(0, 3).Select(_ => empty(Length, ScalarType.Float32)).ToArray();
            var differences = 0;
            for (var step = 0; step < 5; step++)
            {
                fold.Begin();
                for (var rank = hosted.First; rank < hosted.End; rank++)
                    fold.Add(rank, TensorMemory.Copy(Gangs.Leaf(rank, Length), Length));
                var pending = means.Select((mean, bucket) => collective.Reduce(step, bucket, fold.Sums, mean)).ToArray();
                // Later calls wait for their turn behind the reductions.
                var records = collective.Gather(step, Enumerable.Range(hosted.First, hosted.Count).Select(r => new[] { r, step / 3.0 }).ToArray());
                differences += records.Index().Count(r => r.Item[0] != r.Index || r.Item[1] != step / 3.0);
                foreach (var reduction in pending)
                    reduction.Wait();
                differences += means.Count(mean => Bits.Difference(expected, mean.Floats()) is not null);
            }
            return differences;
        });
        Assert.Equal([0, 0, 0], wrong);
    }

    [Fact]
    public void Records_come_in_rank_order_on_every_member_however_the_ranks_are_hosted()
    {
        using var gang = new LoopbackGang(7, 5);
        var results = gang.Run(static collective => collective.Gather(9, Enumerable.Range(collective.Group.Hosted.First, collective.Group.Hosted.Count)
            .Select(static r => new[] { (byte)r, (byte)(100 + r), (byte)7 }).ToArray()));
        Assert.All(results, static records => Assert.Equal(Enumerable.Range(0, 7).Select(static r => new[] { (byte)r, (byte)(100 + r), (byte)7 }), records));
    }

    [Fact]
    public void A_broadcast_gives_the_values_of_virtual_rank_0_to_all()
    {
        const int Length = 200_001;
        using var gang = new LoopbackGang(4, 3);
        var results = gang.Run(static collective =>
        {
            using var values = TensorMemory.Copy(Gangs.Leaf(collective.Group.Rank, Length), Length);
            collective.Broadcast(3, values);
            return values.Floats().ToArray();
        });
        Assert.All(results, static values => Assert.Null(Bits.Difference(Gangs.Leaf(0, Length), values)));
    }

    [Fact]
    public void Healing_copies_the_sources_state_exactly_to_those_that_need_it_and_to_nobody_else()
    {
        using var gang = new LoopbackGang(4, 4);
        var results = gang.Run(static collective =>
        {
            using var scope = NewDisposeScope();
            var rank = collective.Group.Rank;
            StateTensor[] state =
            [
                new("parameters", TensorMemory.Copy(Gangs.Leaf(rank, 300_007), 300_007)),
                new("nothing", zeros(0, ScalarType.Float32)),
                new("step", tensor(new long[] { 1000 + rank, -1 })),
                new("scaler", tensor(new byte[] { (byte)rank, 1, 2, 3, 4 })),
            ];
            collective.CopyState(1000, source: 2, needed: rank is 0 or 3, state);
            return (Parameters: state[0].Tensor.Floats().ToArray(), Step: state[2].Tensor.Longs()[0], Scaler: state[3].Tensor.data<byte>().ToArray());
        });
        int[] holds = [2, 1, 2, 2];
        Assert.All(results.Index(), result =>
        {
            var owner = holds[result.Index];
            Assert.Null(Bits.Difference(Gangs.Leaf(owner, 300_007), result.Item.Parameters));
            Assert.Equal(1000 + owner, result.Item.Step);
            Assert.Equal([(byte)owner, 1, 2, 3, 4], result.Item.Scaler);
        });
    }

    [Fact]
    public void Big_messages_in_both_directions_at_once_do_not_block_one_another()
    {
        // Far more than any socket buffers, from every member to every other, before anybody reads.
        const int Length = 4_000_000;
        using var gang = new LoopbackGang(2, 2);
        var means = gang.Run(static collective =>
        {
            using var scope = NewDisposeScope();
            var (sum, mean) = (full(Length, Numbers.Hold(collective.Group.Rank + 1), ScalarType.Float32), empty(Length, ScalarType.Float32));
            collective.Reduce(0, 0, [sum], mean).Wait();
            return mean.Floats().ToArray().Distinct().ToArray();
        });
        Assert.All(means, static values => Assert.Equal([1.5f], values));
    }

    [Fact]
    public void A_member_that_reads_little_ahead_of_its_calls_is_slower_and_never_stuck()
    {
        const int Length = 1_000_003;
        using var gang = new LoopbackGang(7, 3) { Limits = new TcpLimits { MaxEarlyBytes = 1 } };
        var expected = Gangs.Mean(7, Length);
        Assert.All(gang.Run(static collective => Gangs.Reduce(collective, Length)), mean => Assert.Null(Bits.Difference(expected, mean)));
    }

    [Fact]
    public void One_data_plane_serves_a_generation_after_the_other_and_several_runs_at_once()
    {
        using var gang = new LoopbackGang(2, 2);
        for (var generation = 1; generation <= 3; generation++)
            Assert.All(gang.Run(static c => c.Gather(0, [new[] { (byte)c.Group.Generation }]), generation), records => Assert.All(records, r => Assert.Equal([(byte)generation], r)));
        LoopbackGang.OnThreads(8, i =>
        {
            var (rank, run) = (i % 2, $"run-{2 + i / 2}");
            using var collective = TcpCollective.Connect(gang.Planes[rank], gang.Group(rank) with { Run = run }, LoopbackGang.Secret);
            Assert.All(collective.Gather(0, [new[] { (byte)run[^1] }]), record => Assert.Equal([(byte)run[^1]], record));
        });
    }

    [Fact]
    public void A_member_that_leaves_after_its_last_call_does_not_take_it_from_the_others()
    {
        for (var repetition = 0; repetition < 5; repetition++)
        {
            using var gang = new LoopbackGang(4, 4);
            var results = gang.Run(static collective => Gangs.Reduce(collective, 5_001));
            Assert.All(results, static mean => Assert.Null(Bits.Difference(Gangs.Mean(4, 5_001), mean)));
        }
    }
}

/// <summary>Tests that open many sockets and threads, one after the other; some count them.</summary>
[CollectionDefinition(nameof(SocketTests), DisableParallelization = true)]
public sealed class SocketTests;
