using System.Net;
using System.Net.Sockets;

namespace ClusterBench.Tests.Fakes;

/// <summary>A <see cref="FakeCluster"/> behind a real socket.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpMessageInvoker _cluster;

    public FakeServer(FakeCluster cluster)
    {
        _cluster = new HttpMessageInvoker(cluster, disposeHandler: false);
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    /// <summary>The authorization header of every request but health probes.</summary>
    public List<string?> Tokens { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _cluster.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            Tokens.Add(call.Request.Headers["Authorization"]);
            using var request = new HttpRequestMessage(new HttpMethod(call.Request.HttpMethod), call.Request.Url) { Content = new StreamContent(call.Request.InputStream) };
            using HttpResponseMessage answer = await _cluster.SendAsync(request, CancellationToken.None);
            call.Response.StatusCode = (int)answer.StatusCode;
            await answer.Content.CopyToAsync(call.Response.OutputStream);
            call.Response.Close();
        }
    }
}
