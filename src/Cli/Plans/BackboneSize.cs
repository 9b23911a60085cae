using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>Sizes of a ResNet worked out from its config alone, for <c>--dry-run</c> (He et al. 2016, table 1).</summary>
/// <param name="Widths">Channels of feat1..feat5.</param>
/// <param name="Parameters">Weights and biases of the backbone, batch norm included.</param>
internal sealed record BackboneSize(IReadOnlyList<int> Widths, long Parameters)
{
    /// <summary>Null for a depth that no ResNet has.</summary>
    public static BackboneSize? Of(BackboneConfig backbone)
    {
        (int[] blocks, int expansion)? shape = backbone.Depth switch
        {
            18 => ([2, 2, 2, 2], 1),
            34 => ([3, 4, 6, 3], 1),
            50 => ([3, 4, 6, 3], 4),
            101 => ([3, 4, 23, 3], 4),
            152 => ([3, 8, 36, 3], 4),
            _ => null,
        };
        if (shape is not var (stages, grow))
            return null;
        int kernel = backbone.Type == "ResNet_CIFAR" ? 3 : 7;
        var widths = new List<int> { backbone.StemChannels };
        long parameters = Conv(backbone.InChannels, backbone.StemChannels, kernel);
        int channels = backbone.StemChannels;
        for (int stage = 0; stage < stages.Length; stage++)
        {
            int inner = backbone.BaseChannels << stage, outer = inner * grow;
            for (int block = 0; block < stages[stage]; block++)
            {
                parameters += grow == 1 ? Conv(channels, inner, 3) + Conv(inner, inner, 3)
                    : Conv(channels, inner, 1) + Conv(inner, inner, 3) + Conv(inner, outer, 1);
                if (block == 0 && (stage > 0 || channels != outer))
                    parameters += Conv(channels, outer, 1);
                channels = outer;
            }
            widths.Add(outer);
        }
        return new BackboneSize(widths, parameters);
    }

    /// <summary>Channels of a feature, e.g. <c>feat5</c>; null for a name that a ResNet does not have.</summary>
    public int? Width(string feature) =>
        feature.Length == 5 && feature.StartsWith("feat", StringComparison.Ordinal) && feature[4] is >= '1' and <= '5' ? Widths[feature[4] - '1'] : null;

    /// <summary>A convolution without bias and the batch norm behind it.</summary>
    private static long Conv(long from, long to, long kernel) => (from * to * kernel * kernel) + (2 * to);
}
