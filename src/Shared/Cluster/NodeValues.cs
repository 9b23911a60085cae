using System.Globalization;
using System.Text;
using Akka.Configuration;

namespace ClusterBench.Cluster;

/// <summary>The few settings that differ from node to node and are known only when it starts.</summary>
public sealed class NodeValues
{
    private readonly List<(string Path, string Value)> values = [];

    /// <summary>The address that the node binds and announces.</summary>
    /// <param name="host">A name or address that the other nodes can connect to.</param>
    /// <param name="port">0: the system picks a free one.</param>
    public NodeValues Endpoint(string host, int port) => Set("akka.remote.dot-netty.tcp.hostname", host)
        .Set("akka.remote.dot-netty.tcp.public-hostname", host)
        .Set("akka.remote.dot-netty.tcp.port", port.ToString(CultureInfo.InvariantCulture));

    /// <summary>The roles that the node has in the cluster.</summary>
    public NodeValues Roles(params ReadOnlySpan<string> roles)
    {
        var quoted = new List<string>();
        foreach (var role in roles)
        {
            quoted.Add(Quote(role));
        }

        values.Add(("akka.cluster.roles", $"[{string.Join(", ", quoted)}]"));
        return this;
    }

    /// <summary>Sets one text value.</summary>
    public NodeValues Set(string path, string value)
    {
        values.Add((path, Quote(value)));
        return this;
    }

    internal Config ToConfig()
    {
        var text = new StringBuilder();
        foreach (var (path, value) in values)
        {
            text.Append(path).Append(" = ").Append(value).Append('\n');
        }

        return text.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(text.ToString());
    }

    private static string Quote(string value) =>
        value.AsSpan().IndexOfAny('\r', '\n') >= 0
            ? throw new UserErrorException($"'{value}' has a line break in it: that is no value for a setting.")
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
