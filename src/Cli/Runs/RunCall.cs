namespace ClusterBench.Cli.Runs;

/// <summary>A call of a benchmark verb (<c>knn</c>, <c>linear</c>, ...): what its words and the environment come to.</summary>
internal sealed record RunCall
{
    public required string Benchmark { get; init; }
    public required string Config { get; init; }
    /// <summary>The call that repeats the run, ready for a shell.</summary>
    public string? Command { get; init; }
    public string? Pretrained { get; init; }
    /// <summary>How the user named <see cref="Pretrained"/>, for errors.</summary>
    public string PretrainedName { get; init; } = "--pretrained";
    /// <summary>PRETRAIN <c>none</c>: train from scratch.</summary>
    public bool FromScratch { get; init; }
    public int? Epoch { get; init; }
    public string? SelfsupWorkDir { get; init; }
    public string? DatasetConfig { get; init; }
    public IReadOnlyList<int>? K { get; init; }
    public double? Temperature { get; init; }
    public IReadOnlyList<string>? Features { get; init; }
    public IReadOnlyList<string>? Splits { get; init; }
    public string? OutDir { get; init; }
    public int? Workers { get; init; }
    public int? Threads { get; init; }
    public string Device { get; init; } = "auto";
    public string? WorkDir { get; init; }
    public string? DataRoot { get; init; }
    public int? Seed { get; init; }
    public IReadOnlyList<string> Set { get; init; } = [];
    public bool AllowPartial { get; init; }
    public bool NoCache { get; init; }
    /// <summary>Time between two checkpoints inside an epoch; null where nothing is trained.</summary>
    public TimeSpan? CheckpointInterval { get; init; }
    public bool DryRun { get; init; }
    public bool Fresh { get; init; }
    public required ClusterChoice Cluster { get; init; }
    public bool Detach { get; init; }
    public bool Json { get; init; }
}

/// <summary>Which cluster a call speaks to: a running one, or the embedded one of a state dir.</summary>
/// <param name="Url">Null: embedded.</param>
/// <param name="StateDir">Absolute.</param>
internal sealed record ClusterChoice(Uri? Url, string StateDir);
