using ClusterBench.Configs;

namespace ClusterBench.Cli.Parts;

/// <summary>What a call says about a run's config.</summary>
internal sealed record ConfigRequest
{
    /// <summary><c>knn</c>, <c>features</c>, <c>linear</c> or <c>finetune</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>SELFSUP_CONFIG or CONFIG as the user typed it.</summary>
    public required string Config { get; init; }

    /// <summary>The folder that holds <c>configs/</c> and <c>samples/</c>.</summary>
    public required string ProgramRoot { get; init; }

    public string? DatasetConfig { get; init; }
    public string? DataRoot { get; init; }
    public IReadOnlyList<string> Set { get; init; } = [];
    public IReadOnlyList<int>? K { get; init; }
    public double? Temperature { get; init; }
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>The splits that are wanted; null: the benchmark's own.</summary>
    public IReadOnlyList<string>? Splits { get; init; }

    /// <summary>Null: from this machine's cores, in training divided by the virtual ranks.</summary>
    public int? Threads { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    public int Seed { get; init; }

    public bool AllowPartial { get; init; }

    /// <summary>No checkpoint is loaded.</summary>
    public bool FromScratch { get; init; }
}

/// <summary>A resolved config.</summary>
/// <param name="Text">Its canonical text.</param>
/// <param name="WorkDir">The self-supervised config's <c>work_dir</c>, where <c>--epoch</c> looks; null if it names none.</param>
/// <param name="Notes">What the user should know.</param>
/// <param name="Files">Every config file that went into it.</param>
internal sealed record ResolvedConfig(RunConfig Config, string Text, string? WorkDir, IReadOnlyList<string> Notes, IReadOnlyList<string> Files);

/// <summary>A config's text and what the user should know about it.</summary>
internal sealed record ShownText(string Text, IReadOnlyList<string> Notes);

/// <summary>The configs as the command line needs them.</summary>
internal interface IConfigs
{
    ResolvedConfig Resolve(ConfigRequest request);

    /// <summary>The canonical text read back.</summary>
    RunConfig Parse(string text);

    /// <summary>The run's hash, 64 hex digits (design, section 3).</summary>
    string Hash(string configText, string checkpointSha256, IReadOnlyDictionary<string, string> listSha256, int seed);

    /// <summary>A config as <c>config show</c> prints it.</summary>
    ShownText Show(string config, string programRoot, IReadOnlyList<string> set, string format, bool raw);

    /// <summary>The image paths of a list file, in its order.</summary>
    IReadOnlyList<string> ReadList(string path);
}
