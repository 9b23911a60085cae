namespace ClusterBench.Configs;

/// <summary>Checks <c>model.backbone</c>: upstream's keys, and of those the values that this program computes with.</summary>
internal static class BackboneSchema
{
    /// <summary>Upstream's backbones that are not built yet.</summary>
    private static readonly string[] Later =
    [
        "BEiTViT", "BEiTVisionTransformer", "CAEViT", "ConvNeXt", "MAEViT", "MIMConvNeXt", "MIMMogaNet", "MIMResNet", "MIMVisionTransformer", "MaskFeatViT", "SEResNet",
        "SimMIMSwinTransformer", "SimMIMViT", "SwinTransformer", "VisionTransformer",
    ];

    /// <summary>Null when something was wrong.</summary>
    public static BackboneConfig? Read(MapReader backbone)
    {
        var before = backbone.Errors.All.Count;
        if (backbone.Supported("type", "backbone", ResNetShape.Types, Later, required: true) is not { } type)
        {
            // The keys of an unknown backbone are unknown too: one error is enough.
            return null;
        }
        var depth = backbone.Int("depth", required: true);
        if (depth is { } d && !ResNetShape.Depths.Contains(d))
        {
            backbone.Fail("depth", $"{type} has the depths {string.Join(", ", ResNetShape.Depths)}, not {d}");
        }
        if (backbone.Int("in_channels", min: 1) is { } channels && channels != 3)
        {
            backbone.Fail("in_channels", $"must be 3, is {channels}: images are read as RGB, and a network on Sobel's two channels cannot be evaluated");
        }
        var style = backbone.Name("style", ["pytorch", "caffe"], "style") ?? "pytorch";
        var stem = backbone.Int("stem_channels", min: 1, max: 4096) ?? 64;
        var width = backbone.Int("base_channels", min: 1, max: 4096) ?? 64;
        Fixed(backbone, depth);
        WithoutEffect(backbone);
        backbone.Done();
        return backbone.Errors.All.Count > before ? null
            : new BackboneConfig { Type = type, Depth = depth!.Value, StemChannels = stem, BaseChannels = width, Style = style };
    }

    /// <summary>Keys that change features and have one value here.</summary>
    private static void Fixed(MapReader backbone, int? depth)
    {
        if (backbone.Int("num_stages", min: 1, max: 4) is { } stages && stages != 4)
        {
            backbone.Fail("num_stages", $"must be 4, is {stages}: feat2 to feat5 are the four stages");
        }
        Same(backbone, "strides", [1, 2, 2, 2]);
        Same(backbone, "dilations", [1, 1, 1, 1]);
        Off(backbone, "deep_stem");
        Off(backbone, "avg_down");
        var expansion = depth >= 50 ? 4 : 1;
        if (backbone.Int("expansion", min: 1) is { } e && depth is not null && e != expansion)
        {
            backbone.Fail("expansion", $"must be {expansion} at depth {depth}, is {e}");
        }
        if (backbone.Map("conv_cfg") is { } conv)
        {
            conv.Name("type", ["Conv2d", "Conv"], "convolution", required: true);
            conv.Done();
        }
        Norm(backbone);
    }

    /// <summary>SyncBN and BN are the same in evaluation; other norms are other networks.</summary>
    private static void Norm(MapReader backbone)
    {
        if (backbone.Map("norm_cfg") is not { } norm)
        {
            return;
        }
        norm.Name("type", ["BN", "SyncBN"], "norm", required: true);
        norm.Bool("requires_grad");
        norm.Number("momentum");
        if (norm.Number("eps") is { } eps && eps != 1e-5)
        {
            norm.Fail("eps", $"must be 1e-5, is {ConfigNumbers.Text(eps)}");
        }
        if (norm.Bool("affine") == false)
        {
            norm.Fail("affine", "must be true: the network has scales and shifts");
        }
        norm.Done();
    }

    /// <summary>Keys that matter to training only, or to which stage a head gets.</summary>
    private static void WithoutEffect(MapReader backbone)
    {
        if (backbone.Take("out_indices") is ConfigList)
        {
            backbone.Ints("out_indices", min: -1);
        }
        else
        {
            backbone.Int("out_indices", min: -1);
        }
        backbone.Int("frozen_stages", min: -1, max: 4);
        backbone.Bool("norm_eval");
        backbone.Bool("with_cp");
        backbone.Bool("zero_init_residual");
        backbone.Number("drop_path_rate");
        if (backbone.Take("init_cfg") is { } init and not (ConfigMap or ConfigList))
        {
            backbone.Fail("init_cfg", $"must be a mapping or a list of mappings, is {init.Describe()}");
        }
    }

    private static void Same(MapReader backbone, string key, int[] value)
    {
        if (backbone.Ints(key, min: 1) is { } given && !given.SequenceEqual(value))
        {
            backbone.Fail(key, $"must be [{string.Join(", ", value)}], is [{string.Join(", ", given)}]");
        }
    }

    private static void Off(MapReader backbone, string key)
    {
        if (backbone.Bool(key) == true)
        {
            backbone.Fail(key, "must be false: ResNet variants with it are other networks (ResNet-C, ResNet-D)");
        }
    }
}
