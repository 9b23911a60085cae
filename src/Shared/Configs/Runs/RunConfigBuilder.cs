namespace ClusterBench.Configs;

/// <summary>What a user asked for: one config or two, and the options that change numbers.</summary>
public sealed record RunConfigRequest
{
    /// <summary><c>knn</c>, <c>features</c>, <c>linear</c> or <c>finetune</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>SELFSUP_CONFIG of <c>knn</c> and <c>features</c>, CONFIG of the others, as given.</summary>
    public required string Config { get; init; }

    /// <summary><c>--dataset-config</c>.</summary>
    public string? DatasetConfig { get; init; }

    /// <summary>The folder with the program's <c>configs/</c> and <c>samples/</c>: relative paths that are not below the current directory start here.</summary>
    public required string ProgramRoot { get; init; }

    /// <summary><c>--set key.path=value</c>, in order.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary><c>--data-root</c>: takes the place of the leading <c>data/</c> of list files and roots.</summary>
    public string? DataRoot { get; init; }

    /// <summary><c>--split</c> of <c>features</c>; null: train and val.</summary>
    public IReadOnlyList<string>? Splits { get; init; }

    /// <summary><c>--k</c>.</summary>
    public IReadOnlyList<int>? K { get; init; }

    /// <summary><c>--temperature</c>.</summary>
    public double? Temperature { get; init; }

    /// <summary><c>--features</c>.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary><c>--threads</c>; null: all <see cref="Cores"/>, in training divided by the virtual ranks.</summary>
    public int? Threads { get; init; }

    /// <summary>Processor cores of the submitting machine.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The device that the run will have, <c>cpu</c> or <c>cuda</c>; <c>auto</c> is resolved before.</summary>
    public required string Device { get; init; }

    /// <summary>Overrides the dataset config's.</summary>
    public string? Precision { get; init; }

    /// <summary>Overrides the dataset config's; without either <c>exact</c> on CPU and <c>fast</c> on CUDA.</summary>
    public string? Reduction { get; init; }

    public int Seed { get; init; }

    public bool AllowPartial { get; init; }

    /// <summary>PRETRAIN <c>none</c> of <c>finetune</c>: no checkpoint is loaded.</summary>
    public bool FromScratch { get; init; }
}

/// <summary>The resolved configuration and where it came from.</summary>
/// <param name="ConfigPath">The file that was read as SELFSUP_CONFIG or CONFIG.</param>
/// <param name="DatasetPath">The file that was read as dataset config; null where the config holds its data itself.</param>
/// <param name="WorkDir">The self-supervised config's <c>work_dir</c>, where <c>--epoch N</c> looks.</param>
/// <param name="Files">Absolute paths of every config file read, bases included.</param>
/// <param name="Notes">What the user should know; none of it is an error.</param>
public sealed record BuiltRunConfig(
    RunConfig Config, string ConfigPath, string? DatasetPath, string? WorkDir, IReadOnlyList<string> Files, IReadOnlyList<string> Notes);

/// <summary>Brings configs and options together.</summary>
public static class RunConfigBuilder
{
    /// <summary>The dataset config of <c>knn</c> and <c>features</c> when nothing names another.</summary>
    public const string DefaultDatasetConfig = "configs/benchmarks/classification/knn_imagenet.yaml";

    /// <summary>Reads, merges, checks.</summary>
    /// <exception cref="ConfigException">With everything that is wrong in the configs and in the options.</exception>
    public static BuiltRunConfig Build(RunConfigRequest request) =>
        BenchmarkPurpose.Trains(request.Benchmark) ? TrainingConfigBuilder.Build(request) : Extraction(request);

    /// <summary>A note for each split whose images reach the network as ToTensor leaves them.</summary>
    internal static IEnumerable<string> WithoutNormalize(RunConfig config, string path) =>
        config.Data.Where(d => !d.Value.Pipeline.Any(p => p is NormalizeConfig))
            .Select(d => $"{ConfigPaths.Shown(path)}: data.{d.Key}.pipeline has no Normalize; the network sees pixels from 0 to 1");

    private static BuiltRunConfig Extraction(RunConfigRequest request)
    {
        var errors = new ConfigErrors();
        var notes = new List<string>();
        var (selfsupSets, datasetSets) = SetRouting.Route(ConfigSet.Parse(request.Sets, errors), errors);

        var selfsup = ConfigLoader.Load(request.Config, ConfigPosition.Of(request.Config), "", request.ProgramRoot, selfsupSets, raw: false, errors);
        var sections = selfsup is null ? null : SelfsupSchema.Read(selfsup.Tree, errors);
        notes.AddRange(selfsup?.Notes ?? []);

        var splits = Splits(request, errors);
        var dataset = selfsup is null && request.DatasetConfig is null ? null : LoadDataset(request, sections, datasetSets, errors);
        notes.AddRange(dataset?.Notes ?? []);
        var data = dataset is null ? null : DatasetSchema.Read(dataset.Tree, splits, notes, errors);

        var options = RunOptionsCheck.Apply(request, data ?? new DatasetSections(), sections?.Backbone, errors);
        errors.ThrowIfAny();

        var located = new DataLocations(request.DataRoot, request.ProgramRoot);
        var config = options with
        {
            Backbone = sections!.Backbone!,
            Data = data!.Data.Where(d => splits.Contains(d.Key, StringComparer.Ordinal)).ToDictionary(d => d.Key, d => located.Place(d.Value), StringComparer.Ordinal),
            BatchSize = data.BatchSize!.Value,
        };
        notes.AddRange(located.Notes(config.Data.Values));
        notes.AddRange(WithoutNormalize(config, dataset!.Path));
        return new BuiltRunConfig(config, selfsup!.Path, dataset.Path, sections.WorkDir, [.. selfsup.Files, .. dataset.Files], notes);
    }

    private static LoadedConfig? LoadDataset(RunConfigRequest request, SelfsupSections? selfsup, IReadOnlyList<ConfigSet> sets, ConfigErrors errors)
    {
        var (path, at, key) = (request.DatasetConfig, selfsup?.KnnConfig) switch
        {
            ({ } option, _) => (option, ConfigPosition.Of("--dataset-config"), ""),
            (null, { } named) => (named, selfsup!.KnnConfigAt, "downstream.knn"),
            _ => (DefaultDatasetConfig, ConfigPosition.Of(DefaultDatasetConfig), ""),
        };
        return ConfigLoader.Load(path, at, key, request.ProgramRoot, sets, raw: false, errors);
    }

    private static IReadOnlyList<string> Splits(RunConfigRequest request, ConfigErrors errors)
    {
        string[] all = ["train", "val"];
        if (request.Splits is not null && request.Benchmark != "features")
        {
            errors.Add(ConfigPosition.Of("--split"), "", $"belongs to features; {request.Benchmark} needs {string.Join(" and ", all)}");
        }
        foreach (var split in (request.Splits ?? []).Where(s => !all.Contains(s, StringComparer.Ordinal)))
        {
            errors.Add(ConfigPosition.Of("--split"), "", $"unknown split '{split}'; known: {string.Join(", ", all)}");
        }
        return request.Splits ?? all;
    }
}
