using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>Rough sizes in bytes that <c>--dry-run</c> prints, so that nobody finds out after an hour.</summary>
internal static class MemoryEstimate
{
    /// <summary>A worker before it has loaded anything: the runtime and libtorch (measured).</summary>
    private const long Bare = 200L << 20;

    /// <summary>Side of the network's input, or null if the images' own size decides it.</summary>
    public static (int Height, int Width)? InputSize(IReadOnlyList<TransformConfig> pipeline)
    {
        (int Height, int Width)? size = null;
        foreach (TransformConfig step in pipeline)
        {
            size = step switch
            {
                CenterCropConfig crop => (crop.Height, crop.Width),
                RandomCropConfig crop => (crop.Height, crop.Width),
                RandomResizedCropConfig crop => (crop.Height, crop.Width),
                ResizeConfig { Width: { } width } resize => (resize.Height, width),
                ResizeConfig => null,
                PadConfig pad when size is { } inner => (inner.Height + pad.Top + pad.Bottom, inner.Width + pad.Left + pad.Right),
                _ => size,
            };
        }
        return size;
    }

    /// <summary>
    /// A worker while it extracts: weights, one batch of pixels, and three times the largest activation (input, output and the
    /// shortcut of one block). Null if the input's size is not fixed by the config.
    /// </summary>
    public static long? Worker(RunConfig config, BackboneSize size)
    {
        if (config.Data.Values.Select(data => InputSize(data.Pipeline)).Aggregate(((int Height, int Width)?)(0, 0), Larger) is not { } input)
            return null;
        bool cifar = config.Backbone.Type == "ResNet_CIFAR";
        long pixels = (long)input.Height * input.Width;
        long stem = size.Widths["feat1"] * pixels / (cifar ? 1 : 4), first = size.Widths["feat2"] * pixels / (cifar ? 1 : 16);
        return Bare + (size.Parameters * 4) + (config.BatchSize * 4L * ((3 * pixels) + (3 * Math.Max(stem, first))));

        static (int, int)? Larger((int Height, int Width)? a, (int Height, int Width)? b) =>
            a is { } left && b is { } right ? (Math.Max(left.Height, right.Height), Math.Max(left.Width, right.Width)) : null;
    }

    public static string Text(long bytes) => bytes switch
    {
        < 1L << 20 => FormattableString.Invariant($"{Math.Max(1, bytes >> 10)} KiB"),
        < 10L << 30 => FormattableString.Invariant($"{bytes >> 20} MiB"),
        _ => FormattableString.Invariant($"{bytes >> 30} GiB"),
    };
}
