using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// The sizes of a residual network of He et al., "Deep Residual Learning for Image Recognition" (2015), table 1, and of its form
/// for 32x32 images: a 3x3 stem with stride 1 and no max-pool.
/// </summary>
public sealed record ResNetShape
{
    private static readonly Dictionary<int, (bool Bottleneck, int[] Blocks)> Depths = new()
    {
        [18] = (false, [2, 2, 2, 2]),
        [34] = (false, [3, 4, 6, 3]),
        [50] = (true, [3, 4, 6, 3]),
        [101] = (true, [3, 4, 23, 3]),
        [152] = (true, [3, 8, 36, 3]),
    };

    private ResNetShape(BackboneConfig config)
    {
        Config = config;
        if (config.Type is not ("ResNet" or "ResNet_CIFAR"))
            throw Wrong("type", config.Type, "ResNet, ResNet_CIFAR");
        if (!Depths.TryGetValue(config.Depth, out var depth))
            throw Wrong("depth", config.Depth, string.Join(", ", Depths.Keys));
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

    /// <summary>Output channels of feat1 (the stem) to feat5 (layer4): the lengths of their global averages.</summary>
    public IReadOnlyList<int> FeatureChannels =>
        [Config.StemChannels, .. Enumerable.Range(0, 4).Select(stage => Width(stage) * (Bottleneck ? ResidualBlock.BottleneckExpansion : 1))];

    /// <summary>Channels inside the blocks of layer <paramref name="stage"/> + 1.</summary>
    public int Width(int stage) => Config.BaseChannels << stage;

    private static UserErrorException Wrong(string key, object value, string valid) =>
        new($"model.backbone.{key}: '{value}' is not known here. Valid: {valid}.");
}
