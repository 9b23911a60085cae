namespace ClusterBench.Configs;

/// <summary>
/// The canonical text of a <see cref="RunConfig"/>: YAML with the vocabulary of the configs, fixed order, invariant numbers, one form for
/// every value. Equal configs have equal texts, so the text can be hashed.
/// </summary>
public static class RunConfigText
{
    private const string Header = "# A run's resolved configuration. The run's hash covers this text: another text is another run.\n";

    public static string Write(RunConfig config)
    {
        var text = new CanonicalLines(Header);
        text.Line(0, "benchmark", config.Benchmark);
        Model(text, config);
        if (config.Training is { } trained)
        {
            text.Line(0, "virtual_ranks", trained.VirtualRanks);
        }
        Data(text, config);
        text.Line(0, "pool", config.Pool);
        if (config.Training is { } training)
        {
            TrainingConfigText.Recipe(text, training, config.BatchSize);
        }
        else
        {
            text.Line(0, "features", $"[{string.Join(", ", config.Features)}]");
        }
        if (config.Knn is { } knn)
        {
            text.Line(0, "knn");
            text.Line(1, "k", CanonicalLines.Numbers(knn.K));
            text.Line(1, "temperature", knn.Temperature);
        }
        text.Line(0, "threads", config.Threads);
        text.Line(0, "precision", config.Precision == PrecisionSchema.Fp32 ? config.Precision : ConfigText.Plain(config.Precision));
        text.Line(0, "reduction", config.Reduction);
        text.Line(0, "device", config.Device);
        text.Line(0, "seed", config.Seed);
        text.Line(0, "allow_partial", config.AllowPartial);
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
        var config = MapReader.Of(node!, "", errors) is { } root ? RunConfigReader.Read(root, (ConfigMap)node!) : null;
        errors.ThrowIfAny();
        return config!;
    }

    private static void Model(CanonicalLines text, RunConfig config)
    {
        text.Line(0, "model");
        if (config.Training is not null)
        {
            text.Line(1, "type", "Classification");
        }
        text.Line(1, "backbone");
        text.Line(2, "type", config.Backbone.Type);
        text.Line(2, "depth", config.Backbone.Depth);
        text.Line(2, "in_channels", config.Backbone.InChannels);
        text.Line(2, "stem_channels", config.Backbone.StemChannels);
        text.Line(2, "base_channels", config.Backbone.BaseChannels);
        text.Line(2, "style", config.Backbone.Style);
        if (config.Training is { } training)
        {
            text.Line(2, "frozen_stages", training.FrozenBackbone ? 4 : -1);
            TrainingConfigText.Head(text, training.Head);
        }
    }

    private static void Data(CanonicalLines text, RunConfig config)
    {
        text.Line(0, "data");
        text.Line(1, "imgs_per_gpu", config.Training?.ImagesPerRank ?? config.BatchSize);
        if (config.Training is { } training)
        {
            text.Line(1, "drop_last", training.DropLast);
        }
        foreach (var (split, dataset) in config.Data.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            text.Line(1, split);
            text.Line(2, "data_source");
            text.Line(3, "type", dataset.Source.Type);
            text.Line(3, "list_file", ConfigText.Quoted(dataset.Source.ListFile));
            text.Line(3, "root", ConfigText.Quoted(dataset.Source.Root));
            text.Line(2, "pipeline");
            foreach (var step in dataset.Pipeline)
            {
                text.Item(2, Step(step));
            }
        }
    }

    private static string Step(TransformConfig step) => step switch
    {
        PadConfig p => $"{{type: Pad, padding: {CanonicalLines.Numbers([p.Left, p.Top, p.Right, p.Bottom])}, fill: {CanonicalLines.Number(p.Fill)}}}",
        ResizeConfig { Width: null } r => $"{{type: Resize, size: {CanonicalLines.Number(r.Height)}, interpolation: {r.Interpolation}}}",
        ResizeConfig r => $"{{type: Resize, size: {Size(r.Height, r.Width!.Value)}, interpolation: {r.Interpolation}}}",
        CenterCropConfig c => $"{{type: CenterCrop, size: {Size(c.Height, c.Width)}}}",
        RandomCropConfig c => $"{{type: RandomCrop, size: {Size(c.Height, c.Width)}, padding: {CanonicalLines.Number(c.Padding)}, padding_mode: {c.PaddingMode}}}",
        RandomResizedCropConfig c => $"{{type: RandomResizedCrop, size: {Size(c.Height, c.Width)}, scale: {CanonicalLines.Numbers([c.MinScale, c.MaxScale])}, "
            + $"ratio: {CanonicalLines.Numbers([c.MinRatio, c.MaxRatio])}, interpolation: {c.Interpolation}}}",
        RandomHorizontalFlipConfig f => $"{{type: RandomHorizontalFlip, p: {ConfigNumbers.Text(f.Probability)}}}",
        ToTensorConfig => "{type: ToTensor}",
        NormalizeConfig n => $"{{type: Normalize, mean: {CanonicalLines.Numbers(n.Mean)}, std: {CanonicalLines.Numbers(n.Std)}}}",
        _ => throw new InvalidOperationException($"{step.GetType().Name} has no canonical text"),
    };

    private static string Size(int height, int width) => CanonicalLines.Numbers([height, width]);
}
