using System.Net.Sockets;
using Akka.Actor;

namespace ClusterBench.Coordinator.Membership;

/// <summary>Asks the machine of a node whether anybody listens on the node's port.</summary>
internal static class PortProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>False only when the machine answers that nobody listens there: the process is gone. Silence proves nothing.</summary>
    public static async Task<bool> MayLiveAsync(Address address, CancellationToken ct)
    {
        if (address.Host is null || address.Port is not { } port)
        {
            return false;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            await socket.ConnectAsync(address.Host, port, limit.Token);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode != SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return true;
        }
    }
}
