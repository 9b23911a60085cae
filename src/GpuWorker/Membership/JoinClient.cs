using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Akka.Actor;
using ClusterBench.Api;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>The node to join, or why there is none.</summary>
/// <param name="Node">The coordinator's node.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="Starting">A coordinator is on its way: asking again soon is worth while.</param>
internal sealed record JoinAnswer(Address? Node, string Problem, bool Starting = false);

/// <summary>Asks the coordinator's API for the node to join.</summary>
internal sealed class JoinClient(JoinTargets targets) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // A proxy of the environment is for the world outside, not for the cluster.
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = Limit };

    /// <summary>Asks each URL in turn; the first that names a node decides.</summary>
    public async Task<JoinAnswer> AskAsync(CancellationToken ct)
    {
        var current = targets.Current(out var problem);
        var starting = current.Count == 0;
        foreach (var target in current)
        {
            var answer = await AskAsync(target, ct);
            if (answer.Node is not null)
            {
                return answer;
            }

            starting |= answer.Starting;
            problem = problem is null ? answer.Problem : $"{problem}; {answer.Problem}";
        }

        return new JoinAnswer(null, problem ?? "no URL", starting);
    }

    public void Dispose() => http.Dispose();

    private async Task<JoinAnswer> AskAsync(JoinTarget target, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.Url, "api/v1/join"));
        if (target.Token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
        }

        try
        {
            using var response = await http.SendAsync(request, ct);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Parse(target, await response.Content.ReadFromJsonAsync(ApiJson.Default.JoinInfo, ct)),
                HttpStatusCode.ServiceUnavailable => new JoinAnswer(null, $"{target.Url} is not ready yet", Starting: true),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new JoinAnswer(null, $"{target.Url} refuses the token (CLUSTERBENCH_TOKEN)"),
                var status => new JoinAnswer(null, string.Create(CultureInfo.InvariantCulture, $"{target.Url} answers {(int)status}")),
            };
        }
        catch (HttpRequestException e)
        {
            return new JoinAnswer(null, $"{target.Url} does not answer ({e.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new JoinAnswer(null, $"{target.Url} does not answer in time");
        }
        catch (JsonException)
        {
            return new JoinAnswer(null, $"{target.Url} is not a ClusterBench coordinator");
        }
    }

    private static JoinAnswer Parse(JoinTarget target, JoinInfo? info)
    {
        try
        {
            return new JoinAnswer(Address.Parse(info!.Address), "");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NullReferenceException)
        {
            return new JoinAnswer(null, $"{target.Url} names no node");
        }
    }
}
