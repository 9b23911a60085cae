using System.Buffers;
using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Images;

/// <summary>One step of a pipeline on bytes. Immutable: all decoding threads share it.</summary>
internal abstract class PixelStage
{
    /// <summary>The size that comes out for an input; for a null input the size that comes out for every one, or null.</summary>
    public abstract ImageSize? Output(ImageSize? input);

    /// <summary>Whether it needs random numbers, and so a sample.</summary>
    public virtual bool IsRandom => false;

    /// <param name="target">Receives the whole output, <c>3 * Width * Height</c> bytes.</param>
    /// <param name="sample">Whose random numbers are drawn; only a random step looks at it.</param>
    public abstract void Run(in RgbImage image, Span<byte> target, SampleKey? sample);
}

/// <summary>
/// Resampling, and of its result the window that the next steps cut out: what is cut off is never computed. The bytes do not
/// change by that, since every output pixel is computed for itself.
/// </summary>
internal sealed class ResizeStage(ResizeConfig config, ResampleFilter? filter, WindowStage? crop = null) : PixelStage
{
    public ResizeStage Cropped(WindowStage by) => new(config, filter, by);

    public bool IsCropped => crop is not null;

    public override ImageSize? Output(ImageSize? input)
    {
        var resized = Resized(input);
        return crop is null ? resized : crop.Output(resized);
    }

    public override void Run(in RgbImage image, Span<byte> target, SampleKey? sample)
    {
        var size = Resized(image.Size)!.Value;
        var window = crop?.Window(size) ?? Rect.Whole(size);
        if (window.IsWithin(size))
        {
            Resample(image, size, window, target);
            return;
        }
        var whole = ArrayPool<byte>.Shared.Rent(checked(3 * size.Pixels));
        var resized = whole.AsSpan(0, 3 * size.Pixels);
        Resample(image, size, Rect.Whole(size), resized);
        crop!.Run(new RgbImage(size.Width, size.Height, resized), target, sample);
        ArrayPool<byte>.Shared.Return(whole);
    }

    private void Resample(in RgbImage image, ImageSize size, Rect window, Span<byte> target)
    {
        var box = Rect.Whole(image.Size);
        if (size == image.Size) Windows.Copy(image, window, fill: 0, target);
        else if (filter is null) NearestResampler.Resize(image, box, size, window, target);
        else Resampler.Resize(image, box, size, window, filter, target);
    }

    private ImageSize? Resized(ImageSize? input) => config.Width is { } width
        ? new ImageSize(width, config.Height)
        : input is { } size ? ShortSide(size, config.Height) : null;

    // torchvision: the long side is int(size * long / short), truncated.
    private static ImageSize ShortSide(ImageSize image, int size) => image.Width <= image.Height
        ? new ImageSize(size, LongSide(size, image.Height, image.Width))
        : new ImageSize(LongSide(size, image.Width, image.Height), size);

    private static int LongSide(int size, int longSide, int shortSide) => checked((int)((double)size * longSide / shortSide));
}

/// <summary>A centre crop or a padding: a window onto the picture that may reach beyond it.</summary>
internal abstract class WindowStage(byte fill) : PixelStage
{
    public abstract Rect Window(ImageSize image);

    public override void Run(in RgbImage image, Span<byte> target, SampleKey? sample) => Windows.Copy(image, Window(image.Size), fill, target);
}

internal sealed class CenterCropStage(CenterCropConfig config) : WindowStage(fill: 0)
{
    private readonly ImageSize _size = new(config.Width, config.Height);

    public override ImageSize? Output(ImageSize? input) => _size;

    public override Rect Window(ImageSize image) => Windows.Center(image, _size);
}

internal sealed class PadStage(PadConfig config) : WindowStage(config.Fill)
{
    public override ImageSize? Output(ImageSize? input) => input is { } size ? Window(size).Size : null;

    public override Rect Window(ImageSize image) => checked(new(
        -config.Left, -config.Top, config.Left + image.Width + config.Right, config.Top + image.Height + config.Bottom));
}
