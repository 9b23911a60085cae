using ClusterBench.GpuWorker.Collectives;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Collectives;

public sealed class LocalCollectiveTests
{
    [Fact]
    public void Records_come_back_in_rank_order_with_all_their_bits()
    {
        using var collective = new LocalCollective(Gangs.Group(3, 1, 0));
        double[][] records = [[1, double.NaN], [double.Epsilon, -0.0], [double.MaxValue, 3]];
        var gathered = collective.Gather(0, records);
        Assert.Equal(records.Select(static r => r.Select(BitConverter.DoubleToInt64Bits)), gathered.Select(static r => r.Select(BitConverter.DoubleToInt64Bits)));
        Assert.Equal(0, collective.BytesSent + collective.BytesReceived);
    }

    [Fact]
    public void After_an_abort_every_call_gives_its_first_reason()
    {
        using var scope = NewDisposeScope();
        using var collective = new LocalCollective(Gangs.Group(2, 1, 0, generation: 7));
        var values = zeros(4, ScalarType.Float32);
        var pending = collective.Reduce(0, 0, [values], zeros(4, ScalarType.Float32));
        pending.Wait();
        Assert.Null(collective.Aborted);
        collective.Abort("the coordinator re-forms the gang");
        collective.Abort("something else");
        Action[] calls =
        [
            pending.Wait, () => collective.Reduce(0, 0, [values], values), () => collective.Gather(0, [new byte[1], new byte[1]]),
            () => collective.Broadcast(0, values), () => collective.CopyState(0, 0, false, []),
        ];
        Assert.All(calls, static call =>
        {
            var aborted = Assert.Throws<CollectiveAbortedException>(call);
            Assert.Equal("run run-1, generation 7, worker host/cpu-0 (rank 0 of 1): the coordinator re-forms the gang.", aborted.Message);
            Assert.Equal((AbortCause.Requested, null), (aborted.Cause, aborted.Peer));
        });
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_abort_nothing()
    {
        using var scope = NewDisposeScope();
        using var collective = new LocalCollective(Gangs.Group(2, 1, 0));
        var (four, five) = (zeros(4, ScalarType.Float32), zeros(5, ScalarType.Float32));
        Assert.Throws<ArgumentException>(() => collective.Reduce(0, 0, [four, four], four));
        Assert.Throws<ArgumentException>(() => collective.Reduce(0, 0, [four], five));
        Assert.Throws<ArgumentException>(() => collective.Reduce(0, 0, [zeros(4, ScalarType.Float64)], four));
        Assert.Throws<ArgumentException>(() => collective.Gather(0, [new byte[1]]));
        Assert.Throws<ArgumentException>(() => collective.Gather(0, [new byte[1], new byte[2]]));
        Assert.Throws<ArgumentException>(() => collective.CopyState(0, 0, needed: true, []));
        Assert.Throws<ArgumentException>(static () => new LocalCollective(Gangs.Group(2, 2, 0)));
        Assert.Null(collective.Aborted);
    }
}
