using System.Net;
using System.Net.Sockets;

namespace ClusterBench.Cluster;

/// <summary>Which address a <c>--host</c> means: transport and API listen on the same one.</summary>
public static class HostAddress
{
    /// <summary>The address itself, or the one that a name has, IPv4 before IPv6 as Akka's transport chooses; null when it has none.</summary>
    public static IPAddress? Of(string host)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return literal;
        }

        try
        {
            var addresses = Dns.GetHostAddresses(host);
            return addresses.FirstOrDefault(static a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault();
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
