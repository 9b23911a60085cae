using System.Net;
using ClusterBench.Api;
using ClusterBench.Cli.Clusters;
using ClusterBench.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ClusterBench.Tests.Clusters;

public sealed class ApiClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_are_read_page_by_page()
    {
        using var client = Client(request => request.RequestUri!.Query.Contains("after=a", StringComparison.Ordinal)
            ? Answer("{\"runs\":[]}") : Answer("{\"runs\":[],\"next\":\"a b\"}"), out List<string> asked);

        Assert.Empty(await client.RunsAsync(Cancel));
        Assert.Equal(["/api/v1/runs?limit=500", "/api/v1/runs?limit=500&after=a%20b"], asked);
    }

    [Fact]
    public async Task An_unknown_run_is_null()
    {
        using var client = Client(_ => Answer("{\"error\":\"no\"}", HttpStatusCode.NotFound), out _);

        Assert.Null(await client.FindRunAsync("x", Cancel));
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict, "{\"error\":\"taken by another run\"}", "taken by another run")]
    [InlineData(HttpStatusCode.UnprocessableEntity, "{\"error\":\"no such list\"}", "no such list")]
    [InlineData(HttpStatusCode.InternalServerError, "oops", "http://cluster/ answered 500 to POST http://cluster/api/v1/runs.")]
    [InlineData(HttpStatusCode.Unauthorized, "", "http://cluster/ refused the token. Set CLUSTERBENCH_TOKEN")]
    public async Task A_refusal_is_told_in_the_coordinators_words(HttpStatusCode status, string body, string text)
    {
        using var client = Client(_ => Answer(body, status), out _);

        ApiException error = await Assert.ThrowsAsync<ApiException>(() => client.SubmitAsync(Views.Submission("/w"), Cancel));

        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.Equal((status, 2), (error.Status, error.ExitCode));
    }

    [Fact]
    public async Task A_coordinator_that_is_not_ready_counts_as_away()
    {
        using var client = Client(_ => Answer("{\"error\":\"standing by\"}", HttpStatusCode.ServiceUnavailable), out _);

        ClusterUnreachableException error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.WorkersAsync(Cancel));

        Assert.Equal(("no cluster reachable at http://cluster: standing by", 3), (error.Message, error.ExitCode));
    }

    [Fact]
    public async Task Something_else_at_the_address_is_said_to_be_no_coordinator()
    {
        using var client = Client(_ => Answer("<html>"), out _);

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => client.WorkersAsync(Cancel));

        Assert.Contains("no ClusterBench answer", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.ExitCode);
    }

    [Fact]
    public async Task A_first_call_that_finds_nobody_is_not_repeated()
    {
        using var client = Client(_ => throw new HttpRequestException("Connection refused"), out List<string> asked);
        var patient = new Patient(() => client, TimeProvider.System, _ => { });

        await Assert.ThrowsAsync<ClusterUnreachableException>(() => patient.AskAsync((api, token) => api.WorkersAsync(token), Cancel));

        Assert.Single(asked);
    }

    [Fact]
    public async Task A_silence_of_more_than_a_minute_ends_the_patience()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(7) };
        var said = new List<string>();
        using var client = Client(_ => throw new HttpRequestException("Connection refused"), out List<string> asked);
        var patient = new Patient(() => client, time, said.Add, knownToLive: true);

        Task ask = patient.AskAsync((api, token) => api.WorkersAsync(token), Cancel);
        while (!ask.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<ClusterUnreachableException>(() => ask);
        Assert.True(asked.Count > 3, $"asked {asked.Count} times");
        Assert.Equal(["coordinator not reachable, waiting (Connection refused)"], said);
    }

    [Fact]
    public async Task An_answer_that_cannot_come_any_more_is_not_waited_for()
    {
        using var client = Client(_ => throw new HttpRequestException("Connection refused"), out List<string> asked);
        var patient = new Patient(() => client, TimeProvider.System, _ => { }, knownToLive: true, worthWaiting: () => false);

        await Assert.ThrowsAsync<ClusterUnreachableException>(() => patient.AskAsync((api, token) => api.WorkersAsync(token), Cancel));

        Assert.Single(asked);
    }

    private static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(body) };

    private static ApiClient Client(Func<HttpRequestMessage, HttpResponseMessage> answer, out List<string> asked)
    {
        var list = asked = [];
        return new ApiClient(new Uri("http://cluster"), "secret", new Handler(request =>
        {
            list.Add(request.RequestUri!.PathAndQuery);
            return answer(request);
        }));
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
