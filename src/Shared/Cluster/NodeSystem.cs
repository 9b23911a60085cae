using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;

namespace ClusterBench.Cluster;

/// <summary>Begin and end of a node's ActorSystem.</summary>
public static class NodeSystem
{
    /// <summary>Makes the ActorSystem; blocks for about a second. It is in no cluster yet.</summary>
    /// <exception cref="UserErrorException">The port is in use, or the host is not one of this machine's.</exception>
    public static ActorSystem Create(Config config, string host, int port)
    {
        // Asked first, because the transport would report it in forty lines on its way to failing.
        if (BindFailure(host, port) is { } failure)
        {
            throw CannotListen(host, port, failure);
        }

        try
        {
            return ActorSystem.Create(ClusterNames.System, config);
        }
        catch (Exception e) when (SocketFailure(e) is { } taken)
        {
            throw CannotListen(host, port, taken);
        }
    }

    /// <summary>
    /// Leaves the cluster in order, so that the others know at once, and ends the ActorSystem. Returns after
    /// <paramref name="limit"/> at the latest: where the others are dead nobody can confirm the leave.
    /// </summary>
    public static Task LeaveAsync(ActorSystem system, TimeSpan limit) => EndAsync(system, limit, fromPhase: null);

    /// <summary>Ends the ActorSystem without a word to the cluster: it is no member any more, or of an island that nobody will miss.</summary>
    public static Task DropAsync(ActorSystem system, TimeSpan limit) => EndAsync(system, limit, CoordinatedShutdown.PhaseClusterShutdown);

    private static async Task EndAsync(ActorSystem system, TimeSpan limit, string? fromPhase)
    {
        ArgumentNullException.ThrowIfNull(system);
        if (system.WhenTerminated.IsCompleted)
        {
            return;
        }

        var ended = CoordinatedShutdown.Get(system).Run(NodeStopped.Reason, fromPhase);
        using var expired = new CancellationTokenSource();
        await Task.WhenAny(Task.WhenAll(ended, system.WhenTerminated), Task.Delay(limit, expired.Token));
        await expired.CancelAsync();
    }

    private static UserErrorException CannotListen(string host, int port, SocketException failure) => new(
        $"The cluster's transport cannot listen on {host}:{port}: {failure.Message}. Free the port or give another --port (0: a free one), and a --host of this machine.", inner: failure);

    private static SocketException? BindFailure(string host, int port)
    {
        try
        {
            var address = HostAddress.Of(host) ?? throw new SocketException((int)SocketError.HostNotFound);
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }

    private static SocketException? SocketFailure(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner is AggregateException many ? many.Flatten().InnerExceptions[0] : inner.InnerException)
        {
            if (inner is SocketException failure)
            {
                return failure;
            }
        }

        return null;
    }

    private sealed class NodeStopped : CoordinatedShutdown.Reason
    {
        public static readonly NodeStopped Reason = new();

        public override int ExitCode => 0;
    }
}
