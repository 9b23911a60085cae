namespace ClusterBench.Configs;

/// <summary>Checks one step of a pipeline; names, keys and meaning are torchvision's.</summary>
internal static class TransformSchema
{
    /// <summary>Larger images than this are a typing error.</summary>
    private const int MaxSide = 16384;

    /// <summary>torchvision's.</summary>
    private static readonly double[] DefaultScale = [0.08, 1], DefaultRatio = [3.0 / 4, 4.0 / 3];

    private static readonly IReadOnlyDictionary<string, Func<MapReader, TransformConfig?>> Readers =
        new Dictionary<string, Func<MapReader, TransformConfig?>>(StringComparer.Ordinal)
        {
            ["Pad"] = Pad,
            ["Resize"] = Resize,
            ["CenterCrop"] = CenterCrop,
            ["ToTensor"] = _ => new ToTensorConfig(),
            ["Normalize"] = Normalize,
        };

    /// <summary>Upstream's transforms that are not built yet.</summary>
    private static readonly string[] Later =
    [
        "BlockwiseMaskGenerator", "ColorJitter", "GaussianBlur", "Lighting", "RandAugment", "RandAugment_timm", "RandomAppliedTrans", "RandomAug", "RandomErasing",
        "RandomErasing_numpy", "RandomGrayscale", "RandomRotation", "RandomVerticalFlip", "Solarization",
    ];

    private static readonly IReadOnlyDictionary<string, Func<MapReader, TransformConfig?>> RandomReaders =
        new Dictionary<string, Func<MapReader, TransformConfig?>>(StringComparer.Ordinal)
        {
            ["RandomCrop"] = RandomCrop,
            ["RandomResizedCrop"] = RandomResizedCrop,
            ["RandomHorizontalFlip"] = RandomHorizontalFlip,
        };

    /// <summary>Null when something was wrong.</summary>
    /// <param name="random">Whether the images are trained on, so that they may differ from epoch to epoch.</param>
    public static TransformConfig? Read(MapReader step, bool random)
    {
        var before = step.Errors.All.Count;
        if (!random && step.Take("type") is ConfigScalar { Value: string chance } && RandomReaders.ContainsKey(chance))
        {
            step.Fail("type", $"{chance} changes images at random, but these are evaluated: the result would be chance; use Resize and CenterCrop");
            return null;
        }
        IEnumerable<string> known = random ? Readers.Keys.Concat(RandomReaders.Keys) : Readers.Keys;
        if (step.Supported("type", random ? "transform" : "transform for evaluation", [.. known], Later, required: true) is not { } type)
        {
            return null;
        }
        var transform = Readers.TryGetValue(type, out var reader) ? reader(step) : RandomReaders[type](step);
        step.Done();
        return step.Errors.All.Count > before ? null : transform;
    }

    /// <summary>Checks <c>img_norm_cfg</c>: what a pipeline with <c>prefetch: true</c> leaves to the loader.</summary>
    public static NormalizeConfig? ImageNorm(MapReader norm)
    {
        var before = norm.Errors.All.Count;
        var normalize = Normalize(norm);
        norm.Only("to_rgb", true, "images are read as RGB");
        norm.Done();
        return norm.Errors.All.Count > before ? null : normalize;
    }

    private static PadConfig? Pad(MapReader step)
    {
        var padding = Sides(step, "padding", [1, 2, 4], min: 0);
        var fill = step.Int("fill", min: 0, max: 255) ?? 0;
        step.Name("padding_mode", ["constant"], "padding mode");
        return padding switch
        {
            [var all] => new PadConfig(all, all, all, all, (byte)fill),
            [var x, var y] => new PadConfig(x, y, x, y, (byte)fill),
            [var left, var top, var right, var bottom] => new PadConfig(left, top, right, bottom, (byte)fill),
            _ => null,
        };
    }

    private static ResizeConfig? Resize(MapReader step)
    {
        var size = Sides(step, "size", [1, 2], min: 1);
        var interpolation = Interpolation(step);
        return size is null || interpolation is null ? null : new ResizeConfig(size[0], size.Count > 1 ? size[1] : null, interpolation);
    }

    /// <summary>A name, or the number that Pillow gives it; mm configs write 3 for bicubic.</summary>
    private static string? Interpolation(MapReader step)
    {
        if (step.Take("interpolation") is ConfigScalar { Value: long code })
        {
            if (code is 2 or 3)
            {
                return code == 3 ? "bicubic" : "bilinear";
            }
            step.Fail("interpolation", $"must be bilinear (2) or bicubic (3), is {code}");
            return null;
        }
        var given = step.Take("interpolation") is not null;
        return step.Name("interpolation", ["bilinear", "bicubic"], "interpolation") ?? (given ? null : "bilinear");
    }

    private static CenterCropConfig? CenterCrop(MapReader step) => Sides(step, "size", [1, 2], min: 1) switch
    {
        [var side] => new CenterCropConfig(side, side),
        [var height, var width] => new CenterCropConfig(height, width),
        _ => null,
    };

    private static RandomCropConfig? RandomCrop(MapReader step)
    {
        var size = Sides(step, "size", [1, 2], min: 1);
        var padding = step.Take("padding") is null ? 0 : step.Int("padding", min: 0, max: MaxSide);
        var given = step.Take("padding_mode") is not null;
        var mode = step.Name("padding_mode", ["constant", "reflect"], "padding mode") ?? (given ? null : "constant");
        return size is null || padding is null || mode is null ? null : new RandomCropConfig(size[0], size[^1], padding.Value, mode);
    }

    private static RandomResizedCropConfig? RandomResizedCrop(MapReader step)
    {
        var size = Sides(step, "size", [1, 2], min: 1);
        var scale = Range(step, "scale", DefaultScale);
        var ratio = Range(step, "ratio", DefaultRatio);
        var interpolation = Interpolation(step);
        if (scale is [_, > 1])
        {
            step.Fail("scale", $"must end at 1 at most, ends at {ConfigNumbers.Text(scale[1])}: it is a share of the image's area");
        }
        return size is null || scale is null || ratio is null || interpolation is null ? null
            : new RandomResizedCropConfig(size[0], size[^1], scale[0], scale[1], ratio[0], ratio[1], interpolation);
    }

    private static RandomHorizontalFlipConfig? RandomHorizontalFlip(MapReader step)
    {
        if (step.Take("p") is null)
        {
            return new RandomHorizontalFlipConfig(0.5);
        }
        var probability = step.Number("p");
        if (probability is < 0 or > 1)
        {
            step.Fail("p", $"must be from 0 to 1, is {ConfigNumbers.Text(probability.Value)}: it is a probability");
        }
        return probability is { } p ? new RandomHorizontalFlipConfig(p) : null;
    }

    /// <summary>Two numbers above 0, the smaller first.</summary>
    private static IReadOnlyList<double>? Range(MapReader step, string key, double[] otherwise)
    {
        if (step.Take(key) is null)
        {
            return otherwise;
        }
        var range = step.Numbers(key);
        if (range is null || (range is [> 0, _] && range[0] <= range[1]))
        {
            return range;
        }
        step.Fail(key, $"must be two numbers above 0, the smaller first, is [{string.Join(", ", range.Select(ConfigNumbers.Text))}]");
        return null;
    }

    private static NormalizeConfig? Normalize(MapReader step)
    {
        var mean = Channels(step, "mean");
        var std = Channels(step, "std");
        for (var i = 0; i < (std?.Count ?? 0); i++)
        {
            if (std![i] <= 0)
            {
                step.Fail("std", $"must be above 0 in every channel, is {ConfigNumbers.Text(std[i])} in channel {i}: it divides the pixels");
            }
            else if (mean is not null && (mean[i] > 1 || std[i] > 1))
            {
                step.Fail("std", $"mean {ConfigNumbers.Text(mean[i])} and std {ConfigNumbers.Text(std[i])} are for pixels of 0 to 255, but ToTensor makes 0 to 1: divide both by 255");
                break;
            }
        }
        return mean is null || std is null ? null : new NormalizeConfig(mean, std);
    }

    private static IReadOnlyList<double>? Channels(MapReader step, string key)
    {
        var values = step.Numbers(key, required: true);
        if (values is null or { Count: 3 })
        {
            return values;
        }
        step.Fail(key, $"must have 3 numbers, one for each of R, G and B, has {values.Count}");
        return null;
    }

    /// <summary>A whole number or a list of as many as allowed.</summary>
    private static IReadOnlyList<int>? Sides(MapReader step, string key, int[] counts, int min)
    {
        var node = step.Take(key, required: true);
        if (node is not ConfigList list)
        {
            return node is null ? null : step.Int(node, step.Key(key), min, MaxSide) is { } one ? [one] : null;
        }
        if (!counts.Contains(list.Items.Count))
        {
            step.Fail(key, $"must be one number or a list of {string.Join(" or ", counts.Skip(1))}, is a list of {list.Items.Count}");
            return null;
        }
        var sides = list.Items.Select((item, i) => step.Int(item, $"{step.Key(key)}.{i}", min, MaxSide)).ToList();
        return sides.TrueForAll(s => s is not null) ? sides.ConvertAll(s => s!.Value) : null;
    }
}
