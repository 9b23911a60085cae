using System.Globalization;
using System.Net;
using System.Text.Json;
using Akka.Actor;
using ClusterBench.Api;
using ClusterBench.Coordinator.Membership;

namespace ClusterBench.Tests.ClusterNode;

/// <summary>The coordinator's membership with just enough of its HTTP API to be joined.</summary>
internal static class CoordinatorProcess
{
    public static async Task RunAsync(Dictionary<string, string> options, TextReader? commands, CancellationTokenSource stop)
    {
        await using var node = await CoordinatorNode.StartAsync(new CoordinatorNodeOptions
        {
            JournalFile = Path.Combine(options["dir"], "journal.db"),
            Port = int.Parse(options.GetValueOrDefault("port", "0"), CultureInfo.InvariantCulture),
            Log = static line => Console.WriteLine($"LOG {line}"),
        }, stop.Token);
        node.System.ActorOf(MembershipLines.Props);
        using var api = JoinApi.Start(int.Parse(options["api"], CultureInfo.InvariantCulture), () => node.JoinInfo);
        Command.Listen(commands, stop, command =>
        {
            if (command.StartsWith("down ", StringComparison.Ordinal))
            {
                node.Cluster.Down(Address.Parse(command["down ".Length..]));
            }
        });
        await node.Ready;
        Console.WriteLine($"UP {node.Address}");
        await Task.WhenAny(node.Ended, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token));
        if (node.Ended.IsCompleted)
        {
            Console.WriteLine("THROWN OUT");
        }
    }
}

/// <summary>The one endpoint that a worker needs: <c>GET /api/v1/join</c>.</summary>
internal sealed class JoinApi : IDisposable
{
    private readonly HttpListener listener = new();

    private JoinApi(int port) => listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));

    public static JoinApi Start(int port, Func<JoinInfo?> info)
    {
        var api = new JoinApi(port);
        api.listener.Start();
        _ = api.ServeAsync(info);
        return api;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync(Func<JoinInfo?> info)
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var answer = info();
            var authorized = context.Request.Headers["Authorization"] == "Bearer secret";
            context.Response.StatusCode = !authorized ? 401 : answer is null ? 503 : context.Request.Url!.AbsolutePath == "/api/v1/join" ? 200 : 404;
            if (context.Response.StatusCode == 200)
            {
                await JsonSerializer.SerializeAsync(context.Response.OutputStream, answer!, ApiJson.Default.JoinInfo);
            }

            context.Response.Close();
        }
    }
}
