using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>Sizes of a ResNet worked out from its config alone, for <c>--dry-run</c>.</summary>
/// <param name="Widths">Name to channels of feat1..feat5.</param>
/// <param name="Parameters">Weights and biases of the backbone, batch norm included.</param>
internal sealed record BackboneSize(IReadOnlyDictionary<string, int> Widths, long Parameters)
{
    public static BackboneSize Of(BackboneConfig backbone)
    {
        ResNetShape shape = ResNetShape.Of(backbone);
        long parameters = Conv(backbone.InChannels, backbone.StemChannels, shape.IsCifar ? 3 : 7);
        int channels = backbone.StemChannels;
        for (int stage = 0; stage < shape.Blocks.Count; stage++)
        {
            int inner = shape.Width(stage), outer = inner * shape.Expansion;
            for (int block = 0; block < shape.Blocks[stage]; block++)
            {
                parameters += shape.Bottleneck ? Conv(channels, inner, 1) + Conv(inner, inner, 3) + Conv(inner, outer, 1)
                    : Conv(channels, inner, 3) + Conv(inner, inner, 3);
                if (block == 0 && (stage > 0 || channels != outer))
                    parameters += Conv(channels, outer, 1);
                channels = outer;
            }
        }
        return new BackboneSize(shape.FeatureWidths, parameters);
    }

    /// <summary>A convolution without bias and the batch norm behind it.</summary>
    private static long Conv(long from, long to, long kernel) => (from * to * kernel * kernel) + (2 * to);
}
