using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>Sizes of a ResNet worked out from its config alone, for <c>--dry-run</c>.</summary>
/// <param name="Widths">Name to channels of feat1..feat5.</param>
/// <param name="Parameters">Weights and biases of the backbone, batch norm included.</param>
internal sealed record BackboneSize(IReadOnlyDictionary<string, int> Widths, long Parameters)
{
    public static BackboneSize Of(BackboneConfig backbone) =>
        new(ResNetShape.Of(backbone).FeatureWidths, Layers(backbone).Sum(layer => layer.Parameters));

    /// <summary>Parameters of the layers that a feature is computed by.</summary>
    public static long UpTo(BackboneConfig backbone, string feature) => Layers(backbone, feature).Sum(layer => layer.Parameters);

    /// <summary>Numbers that the convolutions up to a feature put out for one image.</summary>
    public static long Maps(BackboneConfig backbone, string feature, int height, int width) =>
        Layers(backbone, feature).Sum(layer => (long)layer.Channels * Shrunk(height, layer.Stride) * Shrunk(width, layer.Stride));

    private static long Shrunk(int side, int stride) => (side + stride - 1) / stride;

    private static IEnumerable<Layer> Layers(BackboneConfig backbone, string feature) =>
        Layers(backbone).Where(layer => layer.Feature <= ResNetShape.Of(backbone).FeatureWidths.Keys.ToList().IndexOf(feature));

    private static IEnumerable<Layer> Layers(BackboneConfig backbone)
    {
        ResNetShape shape = ResNetShape.Of(backbone);
        yield return Conv(0, backbone.InChannels, backbone.StemChannels, shape.IsCifar ? 3 : 7, shape.IsCifar ? 1 : 2);
        int channels = backbone.StemChannels;
        for (int stage = 0; stage < shape.Blocks.Count; stage++)
        {
            int inner = shape.Width(stage), outer = inner * shape.Expansion, stride = (shape.IsCifar ? 1 : 4) << stage;
            for (int block = 0; block < shape.Blocks[stage]; block++)
            {
                (int From, int To, int Kernel)[] convolutions = shape.Bottleneck
                    ? [(channels, inner, 1), (inner, inner, 3), (inner, outer, 1)] : [(channels, inner, 3), (inner, inner, 3)];
                foreach ((int from, int to, int kernel) in convolutions)
                    yield return Conv(stage + 1, from, to, kernel, stride);
                if (block == 0 && (stage > 0 || channels != outer))
                    yield return Conv(stage + 1, channels, outer, 1, stride);
                channels = outer;
            }
        }
    }

    /// <summary>A convolution without bias and the batch norm behind it.</summary>
    private static Layer Conv(int feature, long from, int to, long kernel, int stride) => new(feature, (from * to * kernel * kernel) + (2L * to), to, stride);

    /// <param name="Feature">0 the stem, 1..4 the stages.</param>
    /// <param name="Stride">How many times smaller than the image its output is.</param>
    private readonly record struct Layer(int Feature, long Parameters, int Channels, int Stride);
}
