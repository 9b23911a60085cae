namespace ClusterBench.Configs;

/// <summary>
/// The sizes of a residual network of He et al., "Deep Residual Learning for Image Recognition" (2015), table 1, and of its form
/// for 32x32 images: a 3x3 stem with stride 1 and no max-pool.
/// </summary>
public sealed record ResNetShape
{
    /// <summary>How many times wider than inside a bottleneck block's output is.</summary>
    public const int BottleneckExpansion = 4;

    /// <summary>Names of <c>model.backbone.type</c>.</summary>
    public static readonly IReadOnlyList<string> Types = ["ResNet", "ResNet_CIFAR"];

    private static readonly SortedDictionary<int, (bool Bottleneck, int[] Blocks)> ByDepth = new()
    {
        [18] = (false, [2, 2, 2, 2]),
        [34] = (false, [3, 4, 6, 3]),
        [50] = (true, [3, 4, 6, 3]),
        [101] = (true, [3, 4, 23, 3]),
        [152] = (true, [3, 8, 36, 3]),
    };

    /// <summary>Depths that a ResNet has, ascending.</summary>
    public static IReadOnlyCollection<int> Depths => ByDepth.Keys;

    private ResNetShape(BackboneConfig config)
    {
        Config = config;
        if (!Types.Contains(config.Type, StringComparer.Ordinal))
            throw Wrong("type", config.Type, string.Join(", ", Types));
        if (!ByDepth.TryGetValue(config.Depth, out var depth))
            throw Wrong("depth", config.Depth, string.Join(", ", Depths));
        if (config.Style is not ("pytorch" or "caffe"))
            throw Wrong("style", config.Style, "pytorch, caffe");
        if (config.InChannels < 1 || config.StemChannels < 1 || config.BaseChannels < 1)
            throw new UserErrorException("model.backbone: in_channels, stem_channels and base_channels must be at least 1.");
        (Bottleneck, Blocks) = depth;
    }

    /// <exception cref="UserErrorException">There is no such network.</exception>
    public static ResNetShape Of(BackboneConfig config) => new(config);

    public BackboneConfig Config { get; }
    public bool Bottleneck { get; }

    /// <summary>Blocks of layer1..layer4.</summary>
    public IReadOnlyList<int> Blocks { get; }

    public bool IsCifar => Config.Type == "ResNet_CIFAR";

    /// <summary>How many times wider than inside a block its output is.</summary>
    public int Expansion => Bottleneck ? BottleneckExpansion : 1;

    /// <summary>Output channels of feat1 (the stem) to feat5 (layer4), in order: the lengths of their global averages.</summary>
    public IReadOnlyDictionary<string, int> FeatureWidths
    {
        get
        {
            var widths = new OrderedDictionary<string, int>(StringComparer.Ordinal) { ["feat1"] = Config.StemChannels };
            for (var stage = 0; stage < Blocks.Count; stage++)
                widths[$"feat{stage + 2}"] = Width(stage) * Expansion;
            return widths;
        }
    }

    /// <summary>Channels inside the blocks of layer <paramref name="stage"/> + 1.</summary>
    public int Width(int stage) => Config.BaseChannels << stage;

    private static UserErrorException Wrong(string key, object value, string valid) =>
        new($"model.backbone.{key}: '{value}' is not known here. Valid: {valid}.");
}
