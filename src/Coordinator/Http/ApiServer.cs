using System.Net;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using ClusterBench.Api;
using ClusterBench.Cluster;
using ClusterBench.Protocol;
using ClusterBench.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterBench.Coordinator.Http;

/// <summary>
/// The HTTP API under <c>/api/v1</c>, JSON as in <see cref="ApiJson"/>, behind a bearer token. Until the node is ready everything
/// but <c>/healthz/live</c> and <c>/join</c> answers 503. Commands answer 202: they are stored or on their way, not done.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private const int MaxBody = 1 << 20;
    private const int MaxPage = 1000;
    private readonly WebApplication app;
    private readonly byte[] token;
    private volatile JoinInfo? join;
    private volatile ApiBackend? backend;

    private ApiServer(WebApplication app, string token)
    {
        this.app = app;
        this.token = Encoding.UTF8.GetBytes("Bearer " + token);
    }

    /// <summary>The address that it listens on, with the port that was bound.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Binds the port and answers 503 until <see cref="Ready"/>.</summary>
    /// <param name="host">An address of this machine, or a name of it.</param>
    /// <exception cref="UserErrorException">The port is taken, or the host has no address.</exception>
    public static async Task<ApiServer> StartAsync(string host, int port, string token, CancellationToken cancel)
    {
        var address = HostAddress.Of(host) ?? throw new UserErrorException($"The API cannot listen on {host}: that name has no address here. Give a --host of this machine.");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MaxBody;
            k.Listen(address, port);
        });
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        var server = new ApiServer(builder.Build(), token);
        server.Map();
        try
        {
            await server.app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            await server.app.DisposeAsync();
            throw new UserErrorException($"The API cannot listen on {host}:{port}: {e.Message} Choose another --api-port, or 0 for any that is free.", 1, e);
        }

        var listening = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var bound = new Uri(listening).Port;
        server.Url = $"http://{(host is "0.0.0.0" or "::" ? Dns.GetHostName() : host)}:{bound}";
        return server;
    }

    /// <summary>From now on workers are told whom to join; they need not wait for the rest.</summary>
    public void Joinable(JoinInfo node) => join = node;

    /// <summary>From now on requests are answered.</summary>
    public void Ready(ApiBackend ready) => backend = ready;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await app.StopAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // A client that does not let go of its connection does not hold up the end.
        }

        await app.DisposeAsync();
    }

    private void Map()
    {
        app.Use(Guard);
        app.MapGet("/healthz/live", () => Results.Text("live"));
        app.MapGet("/healthz/ready", IsReady);
        var api = app.MapGroup("/api/v1");
        api.MapGet("/join", () => TypedResults.Json(join!, ApiJson.Default.JoinInfo));
        api.MapGet("/runs", GetRuns);
        api.MapPost("/runs", PostRun);
        api.MapGet("/runs/{run}", GetRun);
        api.MapGet("/runs/{run}/events", GetEvents);
        api.MapPost("/runs/{run}/cancel", (string run) => Command(new CancelRun { Run = run }));
        api.MapPost("/runs/{run}/resume", (string run, bool? acceptHardware) => Command(new ResumeRun { Run = run, AcceptHardware = acceptHardware ?? false }));
        api.MapGet("/workers", GetWorkers);
    }

    private async Task Guard(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
            if (!CryptographicOperations.FixedTimeEquals(given, token))
            {
                await Refuse(context, 401, "the token is missing or wrong: set CLUSTERBENCH_TOKEN or CLUSTERBENCH_TOKEN_FILE to the cluster's token.");
                return;
            }
        }

        var starting = path.Equals("/api/v1/join", StringComparison.Ordinal) ? join is null : backend is null;
        if (starting && !path.Equals("/healthz/live", StringComparison.Ordinal))
        {
            await Refuse(context, 503, "the coordinator is starting.");
            return;
        }

        try
        {
            await next(context);
        }
        catch (AskTimeoutException) when (!context.Response.HasStarted)
        {
            await Refuse(context, 503, "the coordinator does not answer in time; ask again.");
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Refuse(context, e.StatusCode, e.InnerException?.Message ?? e.Message);
        }
    }

    private static Task Refuse(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ApiError(error), ApiJson.Default.ApiError);
    }

    private async Task<IResult> IsReady()
    {
        await backend!.Workers();
        return Results.Text("ready");
    }

    private async Task<IResult> GetRuns(string? after, int? limit)
    {
        var all = await backend!.Runs();
        var start = after is null ? 0 : all.ToList().FindIndex(r => r == after) + 1;
        var page = all.Skip(start).Take(Math.Clamp(limit ?? 100, 1, MaxPage)).ToList();
        var views = await Task.WhenAll(page.Select(backend!.View));
        return TypedResults.Json(
            new RunPage([.. views.OfType<RunView>()], start + page.Count < all.Count ? page[^1] : null), ApiJson.Default.RunPage);
    }

    private async Task<IResult> GetRun(string run) =>
        await backend!.Run(run) is { } view ? TypedResults.Json(view, ApiJson.Default.RunView) : Unknown(run);

    private async Task<IResult> GetEvents(string run, long? after, int? limit)
    {
        var events = await backend!.Events(run, after ?? 0, Math.Clamp(limit ?? MaxPage, 1, MaxPage));
        return events is null ? Unknown(run) : TypedResults.Json(new EventPage(events, events.Count == 0 ? null : events[^1].Seq), ApiJson.Default.EventPage);
    }

    private async Task<IResult> PostRun(RunSubmission submission)
    {
        var errors = SubmissionCheck.Errors(submission);
        return errors.Count > 0
            ? TypedResults.Json(new ApiError(string.Join("\n", errors)), ApiJson.Default.ApiError, statusCode: 422)
            : await Command(new SubmitRun { Submission = submission.ToMessage() });
    }

    private async Task<IResult> GetWorkers() =>
        TypedResults.Json(new WorkerPage(await backend!.Workers(), null), ApiJson.Default.WorkerPage);

    private async Task<IResult> Command(object command)
    {
        var reply = await backend!.Command(command);
        return reply.Accepted ? TypedResults.StatusCode(202) : TypedResults.Json(new ApiError(reply.Error), ApiJson.Default.ApiError, statusCode: reply.Status);
    }

    private static JsonHttpResult<ApiError> Unknown(string run) =>
        TypedResults.Json(new ApiError($"there is no run {run}; `clusterbench runs` lists them."), ApiJson.Default.ApiError, statusCode: 404);
}
