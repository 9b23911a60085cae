namespace ClusterBench.Configs;

/// <summary>
/// Everything of a run that can change a number, resolved: what a self-supervised config, a dataset config and the command line
/// come to. Its canonical text (<c>RunConfigText</c>) goes into the journal, into <c>config.yaml</c> and into the run's hash.
/// </summary>
public sealed record RunConfig
{
    /// <summary><c>knn</c> or <c>features</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>The network whose features are taken (<c>model.backbone</c>).</summary>
    public required BackboneConfig Backbone { get; init; }

    /// <summary>Data sets by split: <c>train</c>, <c>val</c>.</summary>
    public required IReadOnlyDictionary<string, DatasetConfig> Data { get; init; }

    /// <summary>Images per forward pass (<c>data.imgs_per_gpu</c>); a row's last bits depend on it, so it belongs to the plan.</summary>
    public required int BatchSize { get; init; }

    /// <summary>How feature maps become vectors: <c>gap</c>, <c>specified</c> or <c>adaptive</c>.</summary>
    public required string Pool { get; init; }

    /// <summary>Which features are taken, e.g. <c>feat5</c>.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Parameters of the nearest-neighbour benchmark; null for others.</summary>
    public KnnConfig? Knn { get; init; }

    /// <summary>Parameters of a training benchmark; null for others.</summary>
    public TrainingConfig? Training { get; init; }

    /// <summary>Intra-op threads of one batch; it changes bits, so it is part of the plan.</summary>
    public required int Threads { get; init; }

    /// <summary><c>fp32</c>; more with the recipes.</summary>
    public required string Precision { get; init; }

    /// <summary><c>exact</c> or <c>fast</c>.</summary>
    public required string Reduction { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    public required int Seed { get; init; }

    /// <summary>Take a backbone of which not all parameters were found in the checkpoint.</summary>
    public required bool AllowPartial { get; init; }
}

/// <summary><c>model.backbone</c> of a config: a ResNet so far.</summary>
public sealed record BackboneConfig
{
    /// <summary><c>ResNet</c> or <c>ResNet_CIFAR</c>.</summary>
    public required string Type { get; init; }
    public required int Depth { get; init; }
    public int InChannels { get; init; } = 3;
    public int StemChannels { get; init; } = 64;
    public int BaseChannels { get; init; } = 64;
    /// <summary><c>pytorch</c>: stride 2 sits in a bottleneck's 3x3 convolution; <c>caffe</c>: in its first 1x1.</summary>
    public string Style { get; init; } = "pytorch";
}

/// <summary>Where the images of a split come from and what is done with each.</summary>
public sealed record DatasetConfig
{
    public required DataSourceConfig Source { get; init; }
    public required IReadOnlyList<TransformConfig> Pipeline { get; init; }
}

/// <summary>A list file of <c>path label</c> lines and the folder that the paths start from.</summary>
public sealed record DataSourceConfig
{
    /// <summary>Upstream's name of the source, e.g. <c>ImageNet</c>; all are list files so far.</summary>
    public required string Type { get; init; }
    public required string ListFile { get; init; }
    public required string Root { get; init; }
}

/// <summary>The nearest-neighbour benchmark's own parameters.</summary>
public sealed record KnnConfig
{
    public required IReadOnlyList<int> K { get; init; }
    public required double Temperature { get; init; }
}

/// <summary>One step of an image pipeline; names and meaning are torchvision's.</summary>
public abstract record TransformConfig;

/// <summary>Pads with a constant: left, top, right, bottom in pixels.</summary>
public sealed record PadConfig(int Left, int Top, int Right, int Bottom, byte Fill) : TransformConfig;

/// <summary>
/// Antialiased resampling as Pillow does it. One size: the short side gets it and the long side int(size * long / short);
/// two: height and width.
/// </summary>
public sealed record ResizeConfig(int Height, int? Width, string Interpolation) : TransformConfig;

/// <summary>Cuts the centre, height by width; a smaller image is padded with zeros first.</summary>
public sealed record CenterCropConfig(int Height, int Width) : TransformConfig;

/// <summary>
/// Cuts a random window of height x width after padding every side: with zeros (<c>constant</c>) or with the picture mirrored at its
/// edge, the edge itself not repeated (<c>reflect</c>).
/// </summary>
public sealed record RandomCropConfig(int Height, int Width, int Padding, string PaddingMode = "constant") : TransformConfig;

/// <summary>
/// Cuts a random window of a share <c>scale</c> of the area and an aspect <c>ratio</c> (log-uniform) and resamples it.
/// </summary>
public sealed record RandomResizedCropConfig(
    int Height, int Width, double MinScale, double MaxScale, double MinRatio, double MaxRatio, string Interpolation) : TransformConfig;

/// <summary>Mirrors left and right with a probability.</summary>
public sealed record RandomHorizontalFlipConfig(double Probability) : TransformConfig;

/// <summary>Bytes to floats in [0, 1], channels first.</summary>
public sealed record ToTensorConfig : TransformConfig;

/// <summary>(v - mean) / std per channel.</summary>
public sealed record NormalizeConfig(IReadOnlyList<double> Mean, IReadOnlyList<double> Std) : TransformConfig;
