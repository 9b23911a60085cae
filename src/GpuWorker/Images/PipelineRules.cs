using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Images;

/// <summary>What a list of transforms must look like, and what each is on pixels.</summary>
internal static class PipelineRules
{
    private const int MaxSide = 1 << 16;

    public static void Check(IReadOnlyList<TransformConfig> steps)
    {
        var toTensor = -1;
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i] is ToTensorConfig)
            {
                if (toTensor >= 0) throw Wrong(steps, i, "there is one already; keep one");
                toTensor = i;
            }
            if (steps[i] is NormalizeConfig && toTensor < 0) throw Wrong(steps, i, "it works on floats: put it after ToTensor");
            if (steps[i] is not (ToTensorConfig or NormalizeConfig) && toTensor >= 0)
                throw Wrong(steps, i, "it works on pixels: put it before ToTensor");
            if (Problem(steps[i]) is { } problem) throw Wrong(steps, i, problem);
        }
        if (toTensor < 0) throw new UserErrorException("The image pipeline has no ToTensor; add it behind the steps on pixels.");
    }

    /// <summary>The step on pixels, or null for ToTensor and Normalize.</summary>
    /// <param name="position">The step's place in the pipeline.</param>
    public static PixelStage? Stage(TransformConfig step, int position) => step switch
    {
        ResizeConfig resize => new ResizeStage(resize, Filter(resize.Interpolation)),
        CenterCropConfig crop => new CenterCropStage(crop),
        PadConfig pad => new PadStage(pad),
        RandomCropConfig crop => new RandomCropStage(crop, position),
        RandomResizedCropConfig crop => new RandomResizedCropStage(crop, Filter(crop.Interpolation), position),
        RandomHorizontalFlipConfig flip => new RandomHorizontalFlipStage(flip, position),
        _ => null,
    };

    private static string? Problem(TransformConfig step) => step switch
    {
        ResizeConfig r when IsBadSide(r.Height) || (r.Width is { } width && IsBadSide(width)) => $"sizes go from 1 to {MaxSide}",
        ResizeConfig r when IsBadInterpolation(r.Interpolation) => Unknown(r.Interpolation),
        CenterCropConfig c when IsBadSide(c.Height) || IsBadSide(c.Width) => $"sizes go from 1 to {MaxSide}",
        PadConfig p when IsBadPad(p.Left) || IsBadPad(p.Top) || IsBadPad(p.Right) || IsBadPad(p.Bottom) =>
            $"paddings go from 0 to {MaxSide}",
        RandomCropConfig c when IsBadSide(c.Height) || IsBadSide(c.Width) => $"sizes go from 1 to {MaxSide}",
        RandomCropConfig c when IsBadPad(c.Padding) => $"paddings go from 0 to {MaxSide}",
        RandomCropConfig c when c.PaddingMode is not ("constant" or "reflect") => $"padding mode '{c.PaddingMode}' is not known; take constant or reflect",
        RandomResizedCropConfig c when IsBadSide(c.Height) || IsBadSide(c.Width) => $"sizes go from 1 to {MaxSide}",
        RandomResizedCropConfig c when !(c.MinScale > 0 && c.MinScale <= c.MaxScale && c.MaxScale <= 1) => "the scale goes from above 0 up to 1, the smaller number first",
        RandomResizedCropConfig c when !(c.MinRatio > 0 && c.MinRatio <= c.MaxRatio && double.IsFinite(c.MaxRatio)) =>
            "the ratio is two numbers above 0, the smaller first",
        RandomResizedCropConfig c when IsBadInterpolation(c.Interpolation) => Unknown(c.Interpolation),
        RandomHorizontalFlipConfig f when !(f.Probability >= 0 && f.Probability <= 1) => "a probability goes from 0 to 1",
        NormalizeConfig n when n.Mean.Count != 3 || n.Std.Count != 3 => "mean and std need three values each: red, green, blue",
        NormalizeConfig n when !n.Mean.All(double.IsFinite) || !n.Std.All(s => double.IsFinite(s) && (float)s != 0) =>
            "mean must be finite, and std finite and not 0",
        ResizeConfig or CenterCropConfig or PadConfig or RandomCropConfig or RandomResizedCropConfig or RandomHorizontalFlipConfig => null,
        ToTensorConfig or NormalizeConfig => null,
        _ => "this step is not known to the image pipeline",
    };

    private static bool IsBadSide(int side) => side is < 1 or > MaxSide;

    private static bool IsBadPad(int pad) => pad is < 0 or > MaxSide;

    private static bool IsBadInterpolation(string name) => name is not ("nearest" or "bilinear" or "bicubic" or "lanczos");

    private static string Unknown(string interpolation) => $"interpolation '{interpolation}' is not known; take nearest, bilinear, bicubic or lanczos";

    private static ResampleFilter? Filter(string interpolation) => interpolation switch
    {
        "bilinear" => ResampleFilter.Bilinear,
        "bicubic" => ResampleFilter.Bicubic,
        "lanczos" => ResampleFilter.Lanczos,
        _ => null,
    };

    private static UserErrorException Wrong(IReadOnlyList<TransformConfig> steps, int index, string why) =>
        new($"Step {index + 1} of the image pipeline, {steps[index].GetType().Name.Replace("Config", "", StringComparison.Ordinal)}: {why}.");
}
