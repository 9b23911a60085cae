using ClusterBench.Configs;

namespace ClusterBench.Cli.Parts;

/// <summary>What a call says about a run's config.</summary>
internal sealed record ConfigRequest
{
    /// <summary><c>knn</c> or <c>features</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>SELFSUP_CONFIG as the user typed it.</summary>
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

    public required int Threads { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Null: the config's, else 0.</summary>
    public int? Seed { get; init; }

    public bool AllowPartial { get; init; }
}

/// <summary>A resolved config: the typed form, its canonical text, what the user should know, and the files that went into it.</summary>
internal sealed record ResolvedConfig(RunConfig Config, string Text, IReadOnlyList<string> Notes, IReadOnlyList<string> Files);

/// <summary>The configs as the command line needs them.</summary>
internal interface IConfigs
{
    ResolvedConfig Resolve(ConfigRequest request);

    /// <summary>The canonical text read back.</summary>
    RunConfig Parse(string text);

    /// <summary>The run's hash, 64 hex digits (design, section 3).</summary>
    string Hash(string configText, string checkpointSha256, IReadOnlyDictionary<string, string> listSha256, int seed);

    /// <summary>The <c>work_dir</c> that a self-supervised config names, or null.</summary>
    string? SelfsupWorkDir(string config, string programRoot, IReadOnlyList<string> set);

    /// <summary>A config as <c>config show</c> prints it.</summary>
    string Show(string config, string programRoot, IReadOnlyList<string> set, string format, bool raw);

    /// <summary>The image paths of a list file, in its order.</summary>
    IReadOnlyList<string> ReadList(string path);
}
