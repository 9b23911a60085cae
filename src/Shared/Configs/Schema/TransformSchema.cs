namespace ClusterBench.Configs;

/// <summary>Checks one step of a pipeline; names, keys and meaning are torchvision's.</summary>
internal static class TransformSchema
{
    /// <summary>Larger images than this are a typing error.</summary>
    private const int MaxSide = 16384;

    private static readonly IReadOnlyDictionary<string, Func<MapReader, TransformConfig?>> Readers =
        new Dictionary<string, Func<MapReader, TransformConfig?>>(StringComparer.Ordinal)
        {
            ["Pad"] = Pad,
            ["Resize"] = Resize,
            ["CenterCrop"] = CenterCrop,
            ["ToTensor"] = _ => new ToTensorConfig(),
            ["Normalize"] = Normalize,
        };

    /// <summary>Null when something was wrong.</summary>
    public static TransformConfig? Read(MapReader step)
    {
        var before = step.Errors.All.Count;
        if (step.Name("type", [.. Readers.Keys], "transform for evaluation", required: true) is not { } type)
        {
            return null;
        }
        var transform = Readers[type](step);
        step.Done();
        return step.Errors.All.Count > before ? null : transform;
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
