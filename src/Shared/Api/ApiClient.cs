using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterBench.Api;

/// <summary>
/// The coordinator's HTTP API, typed. Every call either returns what was asked for or throws: <see cref="ClusterUnreachableException"/>
/// when nobody answers (asking again may help), <see cref="ApiException"/> when the coordinator refuses.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="url">Base address of the coordinator's API, e.g. <c>http://10.0.0.5:8080</c>.</param>
    /// <param name="token">The cluster's secret; null where none is asked for.</param>
    /// <param name="handler">Replaces the network in tests; the client disposes of it.</param>
    public ApiClient(Uri url, string? token, HttpMessageHandler? handler = null)
    {
        Url = url;
        // A proxy from the environment would see the token and could not reach a loopback address anyway.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromSeconds(15),
        };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The address as it was given.</summary>
    public Uri Url { get; }

    /// <summary>Puts a run into the queue. Sending the same submission again is harmless: the run id makes it one run.</summary>
    /// <exception cref="ApiException">The id is taken by another run (409) or the submission is refused (422).</exception>
    public Task SubmitAsync(RunSubmission submission, CancellationToken cancel) =>
        PostAsync("api/v1/runs", JsonContent.Create(submission, ApiJson.Default.RunSubmission), cancel);

    /// <summary>One run, or null if the cluster knows none of that id.</summary>
    public async Task<RunView?> FindRunAsync(string run, CancellationToken cancel)
    {
        try
        {
            return await GetAsync($"api/v1/runs/{Uri.EscapeDataString(run)}", ApiJson.Default.RunView, cancel).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>All runs, oldest first: every page of the list.</summary>
    public async Task<IReadOnlyList<RunView>> RunsAsync(CancellationToken cancel)
    {
        var runs = new List<RunView>();
        for (string? after = ""; after is not null;)
        {
            string query = after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}";
            RunPage page = await GetAsync($"api/v1/runs?limit=500{query}", ApiJson.Default.RunPage, cancel).ConfigureAwait(false);
            runs.AddRange(page.Runs);
            after = page.Next;
        }
        return runs;
    }

    /// <summary>The events of a run with a sequence number above <paramref name="after"/>, up to a page of them.</summary>
    public Task<EventPage> EventsAsync(string run, long after, CancellationToken cancel) =>
        GetAsync(FormattableString.Invariant($"api/v1/runs/{Uri.EscapeDataString(run)}/events?after={after}"), ApiJson.Default.EventPage, cancel);

    /// <summary>Asks for the end of a run; finished work stays. Cancelling a canceled run changes nothing.</summary>
    public Task CancelAsync(string run, CancellationToken cancel) =>
        PostAsync($"api/v1/runs/{Uri.EscapeDataString(run)}/cancel", null, cancel);

    /// <summary>Goes on with a run that is interrupted, failed, canceled or waiting.</summary>
    /// <param name="acceptHardware">Go on although the processor is another one and the last bits may differ.</param>
    public Task ResumeAsync(string run, bool acceptHardware, CancellationToken cancel) =>
        PostAsync($"api/v1/runs/{Uri.EscapeDataString(run)}/resume{(acceptHardware ? "?acceptHardware=true" : "")}", null, cancel);

    /// <summary>The workers that the coordinator knows, lost ones included.</summary>
    public async Task<IReadOnlyList<WorkerView>> WorkersAsync(CancellationToken cancel)
    {
        var workers = new List<WorkerView>();
        for (string? after = ""; after is not null;)
        {
            string query = after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}";
            WorkerPage page = await GetAsync($"api/v1/workers?limit=500{query}", ApiJson.Default.WorkerPage, cancel).ConfigureAwait(false);
            workers.AddRange(page.Workers);
            after = page.Next;
        }
        return workers;
    }

    /// <summary>The node that a worker joins, and the term of the coordinator that says so.</summary>
    public Task<JoinInfo> JoinAsync(CancellationToken cancel) => GetAsync("api/v1/join", ApiJson.Default.JoinInfo, cancel);

    /// <summary>Whether a coordinator process answers at all.</summary>
    public Task<bool> IsLiveAsync(CancellationToken cancel) => ProbeAsync("healthz/live", cancel);

    /// <summary>Whether the coordinator takes runs: it holds the lease and has read its journal.</summary>
    public Task<bool> IsReadyAsync(CancellationToken cancel) => ProbeAsync("healthz/ready", cancel);

    public void Dispose() => _http.Dispose();

    private async Task<bool> ProbeAsync(string path, CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(path, cancel).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsNetwork(e, cancel))
        {
            return false;
        }
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using HttpResponseMessage answer = await SendAsync(request, cancel).ConfigureAwait(false);
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancel).ConfigureAwait(false)
                ?? throw new JsonException("the answer is null");
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"{Url} answered {path} with something that is no ClusterBench answer: {e.Message}\n"
                + "Check that the URL is that of a ClusterBench coordinator of this version.", exitCode: 3, e);
        }
        catch (Exception e) when (IsNetwork(e, cancel))
        {
            throw new ClusterUnreachableException(Url, Reason(e), e);
        }
    }

    private async Task PostAsync(string path, HttpContent? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        using HttpResponseMessage answer = await SendAsync(request, cancel).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNetwork(e, cancel))
        {
            throw new ClusterUnreachableException(Url, Reason(e), e);
        }
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
        {
            string said = await ErrorOfAsync(answer, cancel).ConfigureAwait(false);
            throw answer.StatusCode switch
            {
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout =>
                    new ClusterUnreachableException(Url, said.Length > 0 ? said : "the coordinator is not ready"),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ApiException(answer.StatusCode,
                    $"{Url} refused the token. Set CLUSTERBENCH_TOKEN, or CLUSTERBENCH_TOKEN_FILE to a file that holds it, to the secret that the coordinator was started with."),
                _ => new ApiException(answer.StatusCode, said.Length > 0 ? said
                    : $"{Url} answered {(int)answer.StatusCode} to {request.Method} {request.RequestUri}."),
            };
        }
    }

    private static async Task<string> ErrorOfAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        string body = await answer.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, ApiJson.Default.ApiError)?.Error ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static bool IsNetwork(Exception e, CancellationToken cancel) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    private static string Reason(Exception e) => e is OperationCanceledException ? "no answer within 15 s" : e.GetBaseException().Message;
}
