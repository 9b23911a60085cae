using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.Tests.Collectives;

/// <summary>Who is not let in, and that it harms nobody who is.</summary>
[Collection(nameof(SocketTests))]
public sealed class TcpRefusalTests
{
    public static TheoryData<string, string> Strangers => new()
    {
        { "garbage", "does not speak the protocol" },
        { "http", "does not speak the protocol" },
        { "a huge length", "a hello of 65535 bytes" },
        { "a hello that cannot be read", "the hello cannot be read" },
        { "an end in the middle", "it hung up" },
        { "another version", "version 99" },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_strangers_bytes_are_refused_and_harm_nobody(string kind, string expected)
    {
        byte[] magic = [.. "CBDATA"u8, 0, 1];
        byte[] bytes = kind switch
        {
            "garbage" => [.. Enumerable.Range(0, 5000).Select(static i => (byte)(i * 37))],
            "http" => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            "a huge length" => [.. magic, 0xFF, 0xFF, .. new byte[100]],
            "a hello that cannot be read" => [.. magic, 8, 0, .. Enumerable.Repeat((byte)0xFF, 8 + 64)],
            "another version" => [.. "CBDATA"u8, 0, 99, .. new byte[100]],
            _ => [.. magic, 50, 0, 1, 2, 3],
        };
        using var gang = new LoopbackGang(2, 2);
        var means = gang.Run(collective =>
        {
            if (collective.Group.Rank == 0)
            {
                using var stranger = Call(gang.Planes[0].Port);
                stranger.Send(bytes);
                stranger.Shutdown(SocketShutdown.Send);
                // It is sent away by a close, with nothing said beyond the challenge.
                Assert.InRange(ReadToEnd(stranger), 0, 40);
            }
            return Gangs.Reduce(collective, 10_001);
        });
        Assert.All(means, static mean => Assert.Null(Bits.Difference(Gangs.Mean(2, 10_001), mean)));
        Assert.Contains(gang.Log, line => line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Callers_that_stall_in_the_middle_of_a_hello_are_hung_up_on_and_hold_up_nobody()
    {
        using var gang = new LoopbackGang(2, 2);
        var stalled = Enumerable.Range(0, 100).Select(_ => Call(gang.Planes[0].Port)).ToArray();
        foreach (var socket in stalled[..50])
            socket.Send("CBDA"u8.ToArray());
        // As many as there is room for are kept for a while, and the member that calls meanwhile comes in after them.
        var means = gang.Run(static collective => Gangs.Reduce(collective, 10_001));
        Assert.All(means, static mean => Assert.Null(Bits.Difference(Gangs.Mean(2, 10_001), mean)));
        Assert.All(stalled, static socket => Assert.InRange(ReadToEnd(socket), 0, 40));
        Assert.All(stalled, static socket => socket.Dispose());
    }

    [Fact]
    public void A_hello_with_a_wrong_secret_is_refused_and_says_so()
    {
        using var gang = new LoopbackGang(2, 2) { Limits = new TcpLimits { Connect = TimeSpan.FromSeconds(2) } };
        CollectiveAbortedException?[] ends = [null, null];
        LoopbackGang.OnThreads(2, rank => ends[rank] = Assert.Throws<CollectiveAbortedException>(() =>
            TcpCollective.Connect(gang.Planes[rank], gang.Group(rank), rank == 0 ? LoopbackGang.Secret : new byte[32], gang.Limits)));
        Assert.Contains("refused this worker: the hello is not signed with the secret of run run-1", ends[1]!.Message, StringComparison.Ordinal);
        Assert.Contains("rank 1 (worker host/cpu-1, incarnation incarnation1) has not called within 2 s", ends[0]!.Message, StringComparison.Ordinal);
        Assert.All(ends, static end => Assert.Equal(AbortCause.NotConnected, end!.Cause));
    }

    [Fact]
    public void A_listener_that_does_not_know_the_secret_is_not_believed()
    {
        using var impostor = new TcpListener(IPAddress.Loopback, 0);
        impostor.Start();
        var port = ((IPEndPoint)impostor.LocalEndpoint).Port;
        LoopbackGang.OnThreads(2, side =>
        {
            if (side == 0)
            {
                using var caller = impostor.AcceptSocket();
                var handshake = new Handshake(caller, TimeSpan.FromSeconds(5));
                _ = handshake.Hear();
                handshake.Answer(Verdict.Welcome, "", new byte[32]);
                return;
            }
            using var socket = Call(port);
            var error = Assert.Throws<InvalidDataException>(() => new Handshake(socket, TimeSpan.FromSeconds(5)).Connect(Hello.Of(Gangs.Group(2, 2, 1), 0), LoopbackGang.Secret));
            Assert.Contains("does not know the run's secret", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_lower_generation_is_refused_a_higher_one_waits_and_neither_disturbs_the_gang_that_works()
    {
        using var gang = new LoopbackGang(2, 2);
        var means = gang.Run(collective =>
        {
            if (collective.Group.Rank == 1)
            {
                Assert.Equal((Verdict.Refused, "generation 4 of run run-1 is past here: 5 is the newest"), Ask(gang, gang.Group(1, generation: 4)));
                Assert.Equal(Verdict.NotYet, Ask(gang, gang.Group(1, generation: 6)).Verdict);
                Assert.Equal(Verdict.NotYet, Ask(gang, gang.Group(1, generation: 5) with { Run = "another" }).Verdict);
                Assert.Equal(Verdict.Refused, Ask(gang, gang.Group(1, generation: 5)).Verdict);
                Assert.Throws<InvalidOperationException>(() => gang.Connect(1, generation: 4));
            }
            return Gangs.Reduce(collective, 10_001);
        }, generation: 5);
        Assert.All(means, static mean => Assert.Null(Bits.Difference(Gangs.Mean(2, 10_001), mean)));
        // Nor does an old generation come back when the newer one has ended.
        Assert.Equal(Verdict.Refused, Ask(gang, gang.Group(1, generation: 5)).Verdict);
    }

    [Fact]
    public void A_member_that_comes_first_waits_for_the_others()
    {
        using var gang = new LoopbackGang(2, 2);
        using var late = new ManualResetEventSlim();
        LoopbackGang.OnThreads(2, rank =>
        {
            if (rank == 0)
                late.Wait(TimeSpan.FromSeconds(1.5));
            using var collective = gang.Connect(rank, generation: 3);
            Assert.Equal(2, collective.Gather(0, [new byte[1]]).Count);
        });
    }

    [Fact]
    public void Another_plan_or_another_incarnation_is_refused_with_what_came_and_what_was_expected()
    {
        using var gang = new LoopbackGang(2, 2) { Limits = new TcpLimits { Connect = TimeSpan.FromSeconds(1) } };
        foreach (var (generation, group, word) in new[]
        {
            (1, gang.Group(1, 1) with { PlanHash = "another plan" }, "another plan"),
            (2, gang.Group(1, 2) with { Members = [gang.Group(1).Members[0], gang.Group(1).Members[1] with { Incarnation = "reborn" }] }, "reborn"),
        })
        {
            CollectiveAbortedException?[] ends = [null, null];
            LoopbackGang.OnThreads(2, rank => ends[rank] = Assert.Throws<CollectiveAbortedException>(() =>
                TcpCollective.Connect(gang.Planes[rank], rank == 0 ? gang.Group(0, generation) : group, LoopbackGang.Secret, gang.Limits)));
            Assert.Contains(word, ends[1]!.Message, StringComparison.Ordinal);
            Assert.Contains("is expected", ends[1]!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Waiting_for_members_can_be_given_up()
    {
        using var gang = new LoopbackGang(3, 3);
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        foreach (var rank in new[] { 0, 2 })
            Assert.ThrowsAny<OperationCanceledException>(() => TcpCollective.Connect(gang.Planes[rank], gang.Group(rank), LoopbackGang.Secret, cancel: cancel.Token));
    }

    [Fact]
    public void A_signature_covers_role_nonces_hello_and_answer()
    {
        byte[] secret = new byte[32], nonce = new byte[32], other = [.. Enumerable.Repeat((byte)1, 32)];
        var hello = Hello.Of(Gangs.Group(2, 2, 1), 0);
        var signature = Hello.Sign(secret, "connector", nonce, nonce, hello.Encode());
        Assert.True(Hello.IsSame(signature, Hello.Sign(new byte[32], "connector", new byte[32], new byte[32], Hello.Decode(hello.Encode()).Encode())));
        byte[][] others =
        [
            Hello.Sign(other, "connector", nonce, nonce, hello.Encode()), Hello.Sign(secret, "listener", nonce, nonce, hello.Encode()),
            Hello.Sign(secret, "connector", other, nonce, hello.Encode()), Hello.Sign(secret, "connector", nonce, other, hello.Encode()),
            Hello.Sign(secret, "connector", nonce, nonce, hello.Encode(), 1), .. new[]
            {
                hello with { Run = "x" }, hello with { Generation = 9 }, hello with { From = 5 }, hello with { To = 5 },
                hello with { FromIncarnation = "x" }, hello with { ToIncarnation = "x" }, hello with { PlanHash = "x" },
            }.Select(h => Hello.Sign(secret, "connector", nonce, nonce, h.Encode())),
        ];
        Assert.All(others, o => Assert.False(Hello.IsSame(signature, o)));
    }

    private static (Verdict Verdict, string Reason) Ask(LoopbackGang gang, CollectiveGroup group)
    {
        using var socket = Call(gang.Planes[0].Port);
        return new Handshake(socket, TimeSpan.FromSeconds(5)).Connect(Hello.Of(group, 0), LoopbackGang.Secret);
    }

    private static Socket Call(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>How many bytes the other side said until it hung up.</summary>
    private static int ReadToEnd(Socket socket)
    {
        var (total, buffer) = (0, new byte[4096]);
        try
        {
            for (int read; (read = socket.Receive(buffer)) > 0; total += read)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Hung up with our bytes unread.
        }
        return total;
    }
}
