using System.Diagnostics;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Collectives;

/// <summary>How a generation ends when it does not go well, and that nothing is left of it.</summary>
[Collection(nameof(SocketTests))]
public sealed class TcpAbortTests
{
    [Fact]
    public void An_abort_from_another_thread_ends_every_waiting_call_everywhere_with_its_reason()
    {
        using var gang = new LoopbackGang(3, 3);
        var begin = Stopwatch.GetTimestamp();
        var ends = gang.Ends(static collective =>
        {
            if (collective.Group.Rank == 2)
            {
                using var later = new Timer(_ => collective.Abort("the coordinator re-forms the gang"), null, TimeSpan.FromSeconds(0.3), Timeout.InfiniteTimeSpan);
                Gangs.Reduce(collective, 100_000, step: 1);
            }
            else
            {
                // Half of the gang is in a reduction that the third member's peers never finish.
                if (collective.Group.Rank == 1)
                    Gangs.Reduce(collective, 100_000, step: 1);
                WaitForAbort(collective);
                Gangs.Reduce(collective, 100_000, step: 1);
            }
        });
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0.2, 10);
        Assert.Equal("run run-1, generation 1, worker host/cpu-2 (rank 2 of 3): the coordinator re-forms the gang.", ends[2]!.Message);
        Assert.Equal((AbortCause.Requested, null), (ends[2]!.Cause, ends[2]!.Peer));
        Assert.All(ends[..2], static end =>
        {
            Assert.Equal((2, true), (end!.Peer, end.Cause is AbortCause.Requested or AbortCause.Closed));
            if (end.Cause == AbortCause.Requested)
                Assert.EndsWith("rank 2 (worker host/cpu-2, incarnation incarnation2) ended the generation: the coordinator re-forms the gang.", end.Message, StringComparison.Ordinal);
        });
    }

    public static TheoryData<string, string> Disagreements => new()
    {
        { "another call", "sent Record of step 1" },
        { "another step", "of step 2" },
        { "another bucket", "bucket 1" },
        { "another length", "bytes" },
        { "another record", "of step 1" },
        { "another source", "for the source of the state and this worker rank" },
        { "another state", "has another state: 'weights: Float32 [" },
        { "a goodbye", "left the generation" },
    };

    [Theory]
    [MemberData(nameof(Disagreements))]
    public void Members_that_do_not_agree_on_what_they_compute_are_told_what_came_and_what_was_expected(string kind, string expected)
    {
        using var gang = new LoopbackGang(2, 2);
        var ends = gang.Ends(collective =>
        {
            using var scope = NewDisposeScope();
            var isOther = collective.Group.Rank == 1;
            var values = zeros(isOther && kind == "another state" ? 5 : 4, ScalarType.Float32);
            switch (kind)
            {
                case "another call" when isOther:
                case "another record":
                    collective.Gather(1, [new byte[isOther ? 2 : 1]]);
                    break;
                case "another source" or "another state":
                    collective.CopyState(1, isOther && kind == "another source" ? 1 : 0, needed: false, [new StateTensor("weights", values)]);
                    break;
                case "a goodbye" when isOther:
                    return;
                default:
                    Gangs.Reduce(collective, isOther && kind == "another length" ? 3000 : 2000, isOther && kind == "another step" ? 2 : 1, isOther && kind == "another bucket" ? 1 : 0);
                    break;
            }
            // Whoever was content learns of the other's complaint.
            WaitForAbort(collective);
            collective.Gather(9, [new byte[1]]);
        });
        Assert.All(ends.OfType<CollectiveAbortedException>(), static end => Assert.Equal(AbortCause.Mismatch, end.Cause));
        Assert.Equal(kind == "a goodbye" ? 1 : 2, ends.OfType<CollectiveAbortedException>().Count());
        Assert.Contains(ends, end => end?.Message.Contains(expected, StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void The_first_reason_stays_here_and_on_the_peers()
    {
        using var gang = new LoopbackGang(2, 2);
        var ends = gang.Ends(static collective =>
        {
            collective.Gather(0, [new byte[1]]);
            if (collective.Group.Rank == 0)
                collective.Abort("first");
            else
                WaitForAbort(collective);
            collective.Abort("second");
            Assert.Throws<CollectiveAbortedException>(() => Gangs.Reduce(collective, 100));
            collective.Gather(0, [new byte[1]]);
        });
        Assert.All(ends, static end => Assert.EndsWith("first.", end!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Tensors_of_an_aborted_reduction_may_be_freed_at_once()
    {
        for (var repetition = 0; repetition < 10; repetition++)
        {
            using var gang = new LoopbackGang(2, 2);
            var ends = gang.Ends(collective =>
            {
                if (collective.Group.Rank == 0)
                {
                    using var later = new Timer(_ => collective.Abort("now"), null, TimeSpan.FromMilliseconds(repetition), Timeout.InfiniteTimeSpan);
                    Repeat(collective);
                }
                else
                    Repeat(collective);
            });
            // The word of it can be lost with what the aborting side had not read yet: then the peer sees only that the connection is gone.
            Assert.Equal(AbortCause.Requested, ends[0]!.Cause);
            Assert.Contains(ends[1]!.Cause, new[] { AbortCause.Requested, AbortCause.Closed });
        }

        static void Repeat(ICollective collective)
        {
            for (var step = 0; ; step++)
            {
                using var sum = zeros(1_000_000, ScalarType.Float32);
                using var mean = zeros(1_000_000, ScalarType.Float32);
                collective.Reduce(step, 0, [sum], mean).Wait();
            }
        }
    }

    [Fact]
    public void Wrong_arguments_abort_nothing()
    {
        using var gang = new LoopbackGang(2, 2);
        var records = gang.Run(static collective =>
        {
            using var scope = NewDisposeScope();
            var (four, five) = (zeros(4, ScalarType.Float32), zeros(5, ScalarType.Float32));
            Assert.Throws<ArgumentException>(() => collective.Reduce(0, 0, [four, four], four));
            Assert.Throws<ArgumentException>(() => collective.Reduce(0, 0, [four], five));
            Assert.Throws<ArgumentException>(() => collective.Gather(0, [new byte[1], new byte[1]]));
            Assert.Throws<ArgumentException>(() => collective.Broadcast(0, zeros(4, 4, ScalarType.Float32).t()));
            Assert.Throws<ArgumentException>(() => collective.CopyState(0, collective.Group.Rank, needed: true, []));
            Assert.Throws<ArgumentOutOfRangeException>(() => collective.CopyState(0, 2, needed: true, []));
            return collective.Gather(0, [new byte[1]]).Count;
        });
        Assert.Equal([2, 2], records);
    }

    [Fact]
    public void No_thread_and_no_socket_is_left_whatever_the_end_was()
    {
        var (threads, sockets) = (Threads(), Sockets());
        using (var gang = new LoopbackGang(3, 3))
        {
            Assert.True(gang.Run(static collective => Threads() > 2 && Gangs.Reduce(collective, 1000).Length == 1000).All(static ok => ok));
            gang.Ends(static collective => collective.Abort("an end"), generation: 2);
            gang.Ends(static collective =>
            {
                if (collective.Group.Rank > 0)
                    collective.Gather(0, [new byte[1]]);
                else
                    collective.Abort("an end");
            }, generation: 3);
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            Assert.ThrowsAny<OperationCanceledException>(() => TcpCollective.Connect(gang.Planes[1], gang.Group(1, 4), LoopbackGang.Secret, cancel: cancel.Token));
        }
        Assert.Equal((threads, sockets), (Threads(), Sockets()));
    }

    private static void WaitForAbort(ICollective collective) =>
        Assert.True(SpinWait.SpinUntil(() => collective.Aborted is not null, TimeSpan.FromSeconds(20)), "the peer's end was not noticed");

    /// <summary>Threads of the data plane in this process, by the names that the kernel knows.</summary>
    private static int Threads() => Directory.EnumerateDirectories("/proc/self/task").Count(static task =>
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(task, "comm"));
            return name.StartsWith("coll-", StringComparison.Ordinal) || name.StartsWith("data-plane", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });

    private static int Sockets() => Directory.EnumerateFiles("/proc/self/fd").Count(static file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) ?? false);
}
