namespace ClusterBench.Api;

/// <summary>The object that <c>--json</c> prints as the last line of standard output.</summary>
public record RunOutcome
{
    public required string Run { get; init; }
    public required string Benchmark { get; init; }
    public required string Status { get; init; }
    public required string WorkDir { get; init; }
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
    public required double Seconds { get; init; }
    public string? Error { get; init; }
    public IReadOnlyList<RunOutcome>? Children { get; init; }
}

/// <summary><c>results.json</c>: the outcome and what is needed to trust and to repeat it.</summary>
public sealed record RunResults : RunOutcome
{
    public required string Config { get; init; }
    /// <summary>The call that repeats the run (<see cref="RunSubmission.Command"/>).</summary>
    public string? Command { get; init; }
    public required string Hash { get; init; }
    public required string ConfigSha256 { get; init; }
    public required InputFile Checkpoint { get; init; }
    public required IReadOnlyDictionary<string, InputFile> Lists { get; init; }
    public required IReadOnlyDictionary<string, int> Images { get; init; }
    public required int Seed { get; init; }
    public required int Threads { get; init; }
    public required string Precision { get; init; }
    public required string Reduction { get; init; }
    public required string Pool { get; init; }
    /// <summary>Width of each feature, e.g. feat5: 2048.</summary>
    public required IReadOnlyDictionary<string, int> Dimensions { get; init; }
    /// <summary>Program, libtorch, .NET and numerics versions by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
    /// <summary>CPU model, cores, device and the probe digest of the plan's machine.</summary>
    public required IReadOnlyDictionary<string, string> Hardware { get; init; }
    /// <summary>Seconds by phase.</summary>
    public required IReadOnlyDictionary<string, double> Timings { get; init; }
    /// <summary>Images decoded for this run; fewer than the lists hold when shards came from the feature store.</summary>
    public required long ImagesDecoded { get; init; }
    public required int Recoveries { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset CompletedAt { get; init; }
    /// <summary>Of a benchmark that trains.</summary>
    public TrainingResults? Training { get; init; }
    /// <summary>What a reader must know: a loaded part only, a precision that was replaced, a shard taken from the store.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
