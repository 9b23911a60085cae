using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterBench.Api;

namespace ClusterBench.Tests.Fakes;

/// <summary>A coordinator's HTTP API in memory: each look at a run brings it one step nearer to its end.</summary>
internal sealed class FakeCluster : HttpMessageHandler
{
    private readonly Dictionary<string, Entry> _runs = new(StringComparer.Ordinal);

    public List<string> Calls { get; } = [];

    public List<WorkerView> Workers { get; } = [];

    /// <summary>How a run ends that nobody cancels.</summary>
    public string End { get; set; } = "completed";

    /// <summary>Steps until the end; negative: never.</summary>
    public int Steps { get; set; } = 3;

    /// <summary>How many of the next requests find nobody.</summary>
    public int Silent { get; set; }

    /// <summary>Called for every request.</summary>
    public Action<string>? OnCall { get; set; }

    public RunSubmission Submission(string run) => _runs[run].Submission;

    public void Add(RunSubmission submission, string status) => _runs[submission.Run] = new Entry(submission) { Status = status };

    /// <summary>As a cluster on an empty state dir.</summary>
    public void Forget() => _runs.Clear();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string call = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        OnCall?.Invoke(call);
        if (Silent > 0)
        {
            Silent--;
            throw new HttpRequestException("Connection refused");
        }
        Calls.Add(call);
        string[] parts = request.RequestUri.AbsolutePath.Trim('/').Split('/');
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return (request.Method.Method, parts) switch
        {
            ("POST", [_, _, "runs"]) => Submit(JsonSerializer.Deserialize(body, ApiJson.Default.RunSubmission)!),
            ("GET", [_, _, "runs"]) => Json(HttpStatusCode.OK, new RunPage([.. _runs.Values.Select(entry => entry.View)], null), ApiJson.Default.RunPage),
            ("GET", [_, _, "workers"]) => Json(HttpStatusCode.OK, new WorkerPage(Workers, null), ApiJson.Default.WorkerPage),
            (_, [_, _, "runs", var id, ..]) when !_runs.ContainsKey(id) => Json(HttpStatusCode.NotFound, new ApiError("no such run"), ApiJson.Default.ApiError),
            ("GET", [_, _, "runs", var id]) => Json(HttpStatusCode.OK, _runs[id].Step(this), ApiJson.Default.RunView),
            ("GET", [_, _, "runs", _, "events"]) => Json(HttpStatusCode.OK, new EventPage([], null), ApiJson.Default.EventPage),
            ("POST", [_, _, "runs", var id, "cancel"]) => Set(id, "canceled"),
            ("POST", [_, _, "runs", var id, "resume"]) => Set(id, "running"),
            _ => new HttpResponseMessage(HttpStatusCode.OK),
        };
    }

    private HttpResponseMessage Submit(RunSubmission submission)
    {
        _runs.TryAdd(submission.Run, new Entry(submission));
        return new HttpResponseMessage(HttpStatusCode.Accepted);
    }

    private HttpResponseMessage Set(string run, string status)
    {
        _runs[run].Status = status;
        return new HttpResponseMessage(HttpStatusCode.Accepted);
    }

    private static HttpResponseMessage Json<T>(HttpStatusCode status, T value, JsonTypeInfo<T> type) =>
        new(status) { Content = new StringContent(JsonSerializer.Serialize(value, type)) };

    private sealed class Entry(RunSubmission submission)
    {
        private int _seen;

        public RunSubmission Submission { get; } = submission;

        public string Status { get; set; } = "queued";

        public RunView View => Views.Of(Submission.Run, Status) with
        {
            Hash = Submission.Hash, WorkDir = Submission.WorkDir, Progress = _seen / 3.0, Error = Status == "failed" ? "the disk is full" : null,
        };

        public RunView Step(FakeCluster cluster)
        {
            if (Status is "queued" or "running" && ++_seen >= cluster.Steps && cluster.Steps >= 0)
            {
                Status = cluster.End;
                if (Status == "completed")
                    Views.WriteResults(Submission);
            }
            else if (Status == "queued")
                Status = "running";
            return View;
        }
    }
}
