namespace ClusterBench.Configs;

/// <summary>What a dataset config says, checked; the sections that are null were not given.</summary>
internal sealed record DatasetSections
{
    public IReadOnlyDictionary<string, DatasetConfig> Data { get; init; } = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal);
    public int? BatchSize { get; init; }
    public string? Pool { get; init; }
    public IReadOnlyList<int>? K { get; init; }
    public double? Temperature { get; init; }
    public IReadOnlyList<string>? Features { get; init; }
    public string? Precision { get; init; }
    public string? Reduction { get; init; }

    /// <summary>The place of the features key, for an error that needs the backbone.</summary>
    public ConfigPosition FeaturesAt { get; init; }
}

/// <summary>Checks the dataset config of <c>knn</c> and <c>features</c>.</summary>
internal static class DatasetSchema
{
    /// <summary>The top-level keys; <c>--set</c> of one of these goes to the dataset config.</summary>
    public static readonly IReadOnlyList<string> Keys = ["data", "pool", "knn", "features", "precision", "reduction"];

    public static readonly IReadOnlyList<string> Precisions = ["fp32"];

    public static readonly IReadOnlyList<string> Reductions = ["exact", "fast"];

    private static readonly string[] Splits = ["train", "val"];

    /// <summary>Names that mm configs give to parts which they then use in <c>data</c>: by themselves they mean nothing.</summary>
    private static readonly string[] Helpers = ["data_source", "data_source_cfg", "dataset_type", "img_norm_cfg", "pipeline", "prefetch", "test_pipeline"];

    /// <summary>Checks a whole dataset config.</summary>
    /// <param name="required">The splits that the benchmark reads.</param>
    /// <param name="trains">Whether the benchmark trains on <c>data.train</c>, whose transforms then may be random.</param>
    public static DatasetSections Read(ConfigMap tree, IReadOnlyCollection<string> required, List<string> notes, ConfigErrors errors, bool trains = false)
    {
        var root = new MapReader(tree, "", errors);
        Note(root, notes);
        var sections = Read(root, required, trains);
        root.Done();
        return sections;
    }

    /// <summary>Reads the sections of a mapping that may hold more.</summary>
    public static DatasetSections Read(MapReader root, IReadOnlyCollection<string> required, bool trains = false)
    {
        var data = root.Map("data", required: true);
        var batch = data?.Int("imgs_per_gpu", min: 1, max: 65536, required: true);
        data?.Int("workers_per_gpu", min: 0, max: 1024);
        var sets = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal);
        foreach (var split in Splits)
        {
            if (data?.Map(split, required.Contains(split, StringComparer.Ordinal)) is { } reader && Dataset(reader, random: trains && split == "train") is { } dataset)
            {
                sets[split] = dataset;
            }
        }
        data?.Done();
        var knn = root.Map("knn");
        var sections = new DatasetSections
        {
            Data = sets,
            BatchSize = batch,
            Pool = root.Name("pool", ["gap"], "pool for knn and features"),
            K = knn is null ? null : KnnSchema.K(knn),
            Temperature = knn is null ? null : KnnSchema.Temperature(knn),
            Features = root.Texts("features"),
            FeaturesAt = root.Place("features"),
            Precision = root.Name("precision", Precisions, "precision"),
            Reduction = root.Name("reduction", Reductions, "reduction"),
        };
        knn?.Done();
        return sections;
    }

    private static void Note(MapReader root, List<string> notes)
    {
        foreach (var helper in Helpers.Where(h => root.Take(h) is not null))
        {
            notes.Add($"{root.Place(helper)}: '{helper}' by itself changes nothing; what counts stands under 'data'");
        }
    }

    private static DatasetConfig? Dataset(MapReader dataset, bool random)
    {
        if (dataset.Bool("prefetch") == true)
        {
            dataset.Fail("prefetch", "must be false: with it ToTensor and Normalize are left to a GPU loader; write both into the pipeline");
        }
        return Dataset(dataset, random, null);
    }

    /// <summary>Checks one split of <c>data</c>.</summary>
    /// <param name="random">Whether transforms may be random.</param>
    /// <param name="prefetched">See <see cref="PipelineSchema.Read"/>.</param>
    public static DatasetConfig? Dataset(MapReader dataset, bool random, NormalizeConfig? prefetched)
    {
        dataset.Name("type", ["ClassificationDataset", "ExtractDataset"], "dataset");
        dataset.Bool("prefetch");
        var source = dataset.Map("data_source", required: true) is { } reader ? Source(reader) : null;
        var pipeline = PipelineSchema.Read(dataset, random, prefetched);
        dataset.Done();
        return source is null || pipeline is null ? null : new DatasetConfig { Source = source, Pipeline = pipeline };
    }

    private static DataSourceConfig? Source(MapReader source)
    {
        var type = source.Supported("type", "data source", ["ImageNet", "ImageList"], ["CIFAR10", "CIFAR100", "VOC2007"], required: true);
        if (type is null)
        {
            return null;
        }
        var list = source.Text("list_file", required: true);
        var root = source.Text("root", required: true);
        if (source.Text("splitor") is { } splitor && splitor != " ")
        {
            source.Fail("splitor", $"must be a space, is '{splitor}': a list has 'path label' lines");
        }
        if (source.Bool("return_label") == false)
        {
            source.Fail("return_label", "must be true: the benchmark needs the labels");
        }
        source.Map("file_client_args");
        source.Done();
        return list is null || root is null ? null : new DataSourceConfig { Type = type, ListFile = list, Root = root };
    }
}
