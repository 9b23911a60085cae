using System.Globalization;
using System.Text;

namespace ClusterBench.Configs;

/// <summary>
/// The canonical text of a <see cref="RunConfig"/>: YAML with the vocabulary of the configs, fixed order, invariant numbers, one form for
/// every value. Equal configs have equal texts, so the text can be hashed.
/// </summary>
public static class RunConfigText
{
    private const string Header = "# A run's resolved configuration. The run's hash covers this text: another text is another run.\n";

    /// <summary>Benchmarks that train on <c>data.train</c>.</summary>
    private static readonly string[] TrainingBenchmarks = ["linear", "finetune"];

    public static string Write(RunConfig config)
    {
        var text = new StringBuilder(Header);
        void Line(int depth, string key, string value = "") => text.Append(' ', depth * 2).Append(key).Append(value.Length > 0 ? ": " : ":").Append(value).Append('\n');
        Line(0, "benchmark", config.Benchmark);
        Line(0, "model");
        Line(1, "backbone");
        Line(2, "type", config.Backbone.Type);
        Line(2, "depth", Number(config.Backbone.Depth));
        Line(2, "in_channels", Number(config.Backbone.InChannels));
        Line(2, "stem_channels", Number(config.Backbone.StemChannels));
        Line(2, "base_channels", Number(config.Backbone.BaseChannels));
        Line(2, "style", config.Backbone.Style);
        Line(0, "data");
        Line(1, "imgs_per_gpu", Number(config.BatchSize));
        foreach (var (split, dataset) in config.Data.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            Line(1, split);
            Line(2, "data_source");
            Line(3, "type", dataset.Source.Type);
            Line(3, "list_file", ConfigText.Quoted(dataset.Source.ListFile));
            Line(3, "root", ConfigText.Quoted(dataset.Source.Root));
            Line(2, "pipeline");
            foreach (var step in dataset.Pipeline)
            {
                text.Append("    - ").Append(Step(step)).Append('\n');
            }
        }
        Line(0, "pool", config.Pool);
        Line(0, "features", $"[{string.Join(", ", config.Features)}]");
        if (config.Knn is { } knn)
        {
            Line(0, "knn");
            Line(1, "k", $"[{string.Join(", ", knn.K.Select(Number))}]");
            Line(1, "temperature", ConfigNumbers.Text(knn.Temperature));
        }
        Line(0, "threads", Number(config.Threads));
        Line(0, "precision", config.Precision);
        Line(0, "reduction", config.Reduction);
        Line(0, "device", config.Device);
        Line(0, "seed", Number(config.Seed));
        Line(0, "allow_partial", config.AllowPartial ? "true" : "false");
        return text.ToString();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="source">Named in errors, e.g. the path of a <c>config.yaml</c>.</param>
    /// <exception cref="ConfigException">The text is not such a config.</exception>
    public static RunConfig Parse(string text, string source = "config.yaml")
    {
        var errors = new ConfigErrors();
        var node = YamlReader.Read(text, source, errors);
        errors.ThrowIfAny();
        var config = MapReader.Of(node!, "", errors) is { } root ? Read(root) : null;
        errors.ThrowIfAny();
        return config!;
    }

    private static RunConfig? Read(MapReader root)
    {
        var benchmark = root.Name("benchmark", ["knn", "features", .. TrainingBenchmarks], "benchmark", required: true);
        var model = root.Map("model", required: true);
        var backbone = model?.Map("backbone", required: true) is { } b ? BackboneSchema.Read(b) : null;
        model?.Done();
        var threads = root.Int("threads", min: 1, required: true);
        var device = root.Name("device", ["cpu", "cuda"], "device", required: true);
        var seed = root.Int("seed", min: 0, required: true);
        var partial = root.Take("allow_partial", required: true) is not null ? root.Bool("allow_partial") : null;
        var data = DatasetSchema.Read(root, [], trains: TrainingBenchmarks.Contains(benchmark, StringComparer.Ordinal));
        root.Done();
        if (data.Features is { } features && backbone is not null)
        {
            RunOptionsCheck.CheckFeatures(features, backbone, benchmark == "knn", root.Place("features"), "features", root.Errors);
        }
        foreach (var missing in Missing(data, benchmark))
        {
            root.Errors.Add(root.At, missing, "is missing");
        }
        return root.Errors.Any ? null : new RunConfig
        {
            Benchmark = benchmark!,
            Backbone = backbone!,
            Data = data.Data,
            BatchSize = data.BatchSize!.Value,
            Pool = data.Pool!,
            Features = data.Features!,
            Knn = data.K is null ? null : new KnnConfig { K = data.K, Temperature = data.Temperature!.Value },
            Threads = threads!.Value,
            Precision = data.Precision!,
            Reduction = data.Reduction!,
            Device = device!,
            Seed = seed!.Value,
            AllowPartial = partial!.Value,
        };
    }

    /// <summary>A dataset config may leave these to defaults; a resolved one may not.</summary>
    private static IEnumerable<string> Missing(DatasetSections data, string? benchmark) => new (string Key, bool Absent)[]
    {
        ("pool", data.Pool is null),
        ("features", data.Features is null),
        ("precision", data.Precision is null),
        ("reduction", data.Reduction is null),
        ("knn.k", benchmark == "knn" && data.K is null),
        ("knn.temperature", (benchmark == "knn" || data.K is not null) && data.Temperature is null),
        ("data.train or data.val", data.Data.Count == 0),
    }.Where(m => m.Absent).Select(m => m.Key);

    private static string Step(TransformConfig step) => step switch
    {
        PadConfig p => $"{{type: Pad, padding: [{Number(p.Left)}, {Number(p.Top)}, {Number(p.Right)}, {Number(p.Bottom)}], fill: {Number(p.Fill)}}}",
        ResizeConfig { Width: null } r => $"{{type: Resize, size: {Number(r.Height)}, interpolation: {r.Interpolation}}}",
        ResizeConfig r => $"{{type: Resize, size: [{Number(r.Height)}, {Number(r.Width!.Value)}], interpolation: {r.Interpolation}}}",
        CenterCropConfig c => $"{{type: CenterCrop, size: [{Number(c.Height)}, {Number(c.Width)}]}}",
        RandomCropConfig c => $"{{type: RandomCrop, size: [{Number(c.Height)}, {Number(c.Width)}], padding: {Number(c.Padding)}, padding_mode: {c.PaddingMode}}}",
        RandomResizedCropConfig c => $"{{type: RandomResizedCrop, size: [{Number(c.Height)}, {Number(c.Width)}], scale: [{Numbers([c.MinScale, c.MaxScale])}], "
            + $"ratio: [{Numbers([c.MinRatio, c.MaxRatio])}], interpolation: {c.Interpolation}}}",
        RandomHorizontalFlipConfig f => $"{{type: RandomHorizontalFlip, p: {ConfigNumbers.Text(f.Probability)}}}",
        ToTensorConfig => "{type: ToTensor}",
        NormalizeConfig n => $"{{type: Normalize, mean: [{Numbers(n.Mean)}], std: [{Numbers(n.Std)}]}}",
        _ => throw new InvalidOperationException($"{step.GetType().Name} has no canonical text"),
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<double> values) => string.Join(", ", values.Select(ConfigNumbers.Text));
}
