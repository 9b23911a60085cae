using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Features;

/// <summary>A feature that can be taken from a network: its name, its place in the network and the length of its vector.</summary>
/// <param name="Name"><c>feat1</c> to <c>feat5</c>.</param>
/// <param name="Index">0 for feat1, the stem, to 4 for feat5, layer4.</param>
/// <param name="Width">Floats per image.</param>
public sealed record FeatureColumn(string Name, int Index, int Width);

/// <summary>The features of a network by name.</summary>
public static class FeatureNames
{
    /// <summary>The pooling that is the mean over all positions.</summary>
    public const string GlobalAverage = "gap";

    /// <summary>The features of that name, in the order asked for.</summary>
    /// <exception cref="UserErrorException">A name is unknown or named twice, none is given, or the pooling is unknown.</exception>
    public static IReadOnlyList<FeatureColumn> Resolve(BackboneConfig config, IReadOnlyList<string> names, string pool)
    {
        if (pool != GlobalAverage)
            throw new UserErrorException($"pool: '{pool}' is not known here. Valid: {GlobalAverage}.");
        var known = ResNetShape.Of(config).FeatureWidths.Select((feature, index) => new FeatureColumn(feature.Key, index, feature.Value)).ToDictionary(column => column.Name, StringComparer.Ordinal);
        if (names.Count == 0)
            throw new UserErrorException($"No feature is asked for. Valid: {string.Join(", ", known.Keys)}.");
        foreach (var name in names)
            if (!known.ContainsKey(name))
                throw new UserErrorException($"The feature '{name}' is not one of a {config.Type}. Valid: {string.Join(", ", known.Keys)}.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            throw new UserErrorException($"A feature is named twice: {string.Join(", ", names)}.");
        return [.. names.Select(name => known[name])];
    }
}
