using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterBench.Api;

/// <summary>A file that decides a run's numbers: where it lies and what it holds.</summary>
public sealed record InputFile(string Path, string Sha256, long Bytes)
{
    /// <summary>PRETRAIN <c>none</c>: there is no checkpoint, the network begins from scratch. In the run's hash it is <c>checkpoint none</c>.</summary>
    public static readonly InputFile None = new("none", "none", 0);

    /// <summary>Whether this stands for no file. Paths are absolute, so none has this name.</summary>
    [JsonIgnore]
    public bool IsNone => Path == None.Path;
}

/// <summary>
/// What a client asks the cluster to run. The client chooses the id, so that sending it twice starts one run. All paths are
/// absolute and as the workers see them; the files' hashes are checked by the first worker before anything is computed.
/// </summary>
public sealed record RunSubmission
{
    public required string Run { get; init; }
    public required string Benchmark { get; init; }
    /// <summary>The path that the user gave as CONFIG or SELFSUP_CONFIG.</summary>
    public required string Config { get; init; }
    /// <summary>The call that repeats the run, ready for a shell; null where there was none.</summary>
    public string? Command { get; init; }
    /// <summary>The canonical text of the resolved <see cref="Configs.RunConfig"/>.</summary>
    public required string ConfigText { get; init; }
    /// <summary>The run's hash (design, section 3), 64 hex digits.</summary>
    public required string Hash { get; init; }
    public required InputFile Checkpoint { get; init; }
    /// <summary>List files by split.</summary>
    public required IReadOnlyDictionary<string, InputFile> Lists { get; init; }
    /// <summary>Images in each split's list.</summary>
    public required IReadOnlyDictionary<string, int> Images { get; init; }
    public required string WorkDir { get; init; }
    /// <summary>Folder for the result of <c>features</c>; null for others.</summary>
    public string? OutDir { get; init; }
    /// <summary>Keep out of the shared feature store (<c>--no-cache</c>).</summary>
    public bool NoCache { get; init; }
    /// <summary>Seconds between two checkpoints inside an epoch (<c>--checkpoint-interval</c>); 0 where nothing is trained. It changes no number.</summary>
    public int CheckpointSeconds { get; init; }
    /// <summary>Workers that the call has started for the run, for which the first gang waits a while; 0: whoever is there.</summary>
    public int ExpectedWorkers { get; init; }
}

/// <summary>A run as <c>runs</c>, <c>status</c> and the API show it.</summary>
public sealed record RunView
{
    public required string Run { get; init; }
    public required string Benchmark { get; init; }
    /// <summary>queued, running, waiting, completed, failed, canceled or interrupted.</summary>
    public required string Status { get; init; }
    public required string Config { get; init; }
    public required string Checkpoint { get; init; }
    public required string WorkDir { get; init; }
    public required string Hash { get; init; }
    /// <summary>0 to 1.</summary>
    public required double Progress { get; init; }
    /// <summary>What it does now, for a person: <c>extract train</c>, <c>waiting for a worker</c>.</summary>
    public string? Phase { get; init; }
    public int ShardsDone { get; init; }
    public int ShardsTotal { get; init; }
    public long ImagesDone { get; init; }
    public long ImagesTotal { get; init; }
    public int Generation { get; init; }
    public required IReadOnlyList<string> Workers { get; init; }
    public int Recoveries { get; init; }
    public string? Error { get; init; }
    /// <summary>What loading the backbone said, and other things that a reader of the result must know.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
    public double Seconds { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
    /// <summary>The epoch that is trained, from 1; null where nothing is trained.</summary>
    public int? Epoch { get; init; }
    /// <summary>Epochs of the run.</summary>
    public int? Epochs { get; init; }
    /// <summary>Steps that are applied, over all epochs.</summary>
    public long? Step { get; init; }
    /// <summary>Steps of the run.</summary>
    public long? Steps { get; init; }
    /// <summary>Training loss of the last logged step.</summary>
    public double? Loss { get; init; }
    /// <summary>The rate that the last logged step was applied with.</summary>
    public double? LearningRate { get; init; }
    /// <summary>Training images per second over all workers.</summary>
    public double? ImagesPerSecond { get; init; }
}

/// <summary>A worker as <c>workers</c> and the API show it.</summary>
public sealed record WorkerView
{
    public required string Id { get; init; }
    public required string Incarnation { get; init; }
    public required string Host { get; init; }
    public required int Pid { get; init; }
    public required string Device { get; init; }
    /// <summary>idle, busy, draining or lost.</summary>
    public required string State { get; init; }
    public string? Run { get; init; }
    public int? Rank { get; init; }
}

/// <summary>One event of a run's journal as text; <c>events.jsonl</c> holds the same objects, one per line.</summary>
public sealed record EventView
{
    /// <summary>The journal's sequence number, from 1.</summary>
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Type { get; init; }
    /// <summary>One line for a person.</summary>
    public required string Text { get; init; }
    public JsonElement? Data { get; init; }
}

/// <summary>A page of a list; <see cref="Next"/> is the <c>after</c> of the following page, null on the last.</summary>
public sealed record RunPage(IReadOnlyList<RunView> Runs, string? Next);

public sealed record WorkerPage(IReadOnlyList<WorkerView> Workers, string? Next);

public sealed record EventPage(IReadOnlyList<EventView> Events, long? Next);

/// <summary>The body of every answer that is not a success: what happened and what to do.</summary>
public sealed record ApiError(string Error);

/// <summary>Answer of <c>GET /api/v1/join</c>: the node that a worker joins.</summary>
public sealed record JoinInfo(string Address, long Term);

/// <summary><c>cluster.json</c> in the state dir, mode 0600: how a second call finds an embedded cluster.</summary>
public sealed record ClusterFile
{
    public required string Url { get; init; }
    public required string Token { get; init; }
    /// <summary>The owner: the CLI in embedded mode, else the coordinator.</summary>
    public required int Pid { get; init; }
    public required int CoordinatorPid { get; init; }
}

/// <summary>The one set of JSON rules: camelCase, nulls left out, source generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunSubmission))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunPage))]
[JsonSerializable(typeof(WorkerPage))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(JoinInfo))]
[JsonSerializable(typeof(ClusterFile))]
[JsonSerializable(typeof(RunResults))]
[JsonSerializable(typeof(RunOutcome))]
public sealed partial class ApiJson : JsonSerializerContext;
