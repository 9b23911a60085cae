namespace ClusterBench.Configs;

/// <summary>Which features a backbone has and how wide they are under global average pooling.</summary>
public static class FeatureWidths
{
    /// <summary>
    /// Name to channel count, in order: feat1 the stem, feat2 to feat5 the stages, each twice as wide as the one before (He et al. 2016,
    /// table 1; bottlenecks, from depth 50, put out four times their width).
    /// </summary>
    public static IReadOnlyDictionary<string, int> Of(BackboneConfig backbone)
    {
        var expansion = backbone.Depth >= 50 ? 4 : 1;
        var widths = new OrderedDictionary<string, int>(StringComparer.Ordinal) { ["feat1"] = backbone.StemChannels };
        for (var stage = 0; stage < 4; stage++)
        {
            widths[$"feat{stage + 2}"] = (backbone.BaseChannels << stage) * expansion;
        }
        return widths;
    }
}
