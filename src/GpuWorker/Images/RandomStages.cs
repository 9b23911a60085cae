using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Images;

/// <summary>A step that differs from sample to sample and from epoch to epoch.</summary>
/// <param name="position">Its place in the config's pipeline, part of the key of its random numbers.</param>
internal abstract class RandomStage(int position) : PixelStage
{
    public sealed override bool IsRandom => true;

    public sealed override void Run(in RgbImage image, Span<byte> target, SampleKey? sample)
    {
        var (seed, epoch, index) = sample ?? throw new ArgumentNullException(nameof(sample));
        Run(image, target, new KeyedRandom(seed, RandomUse.Transform, epoch, index, position));
    }

    protected abstract void Run(in RgbImage image, Span<byte> target, KeyedRandom random);
}

internal sealed class RandomCropStage(RandomCropConfig config, int position) : RandomStage(position)
{
    private readonly ImageSize _size = new(config.Width, config.Height);

    public override ImageSize? Output(ImageSize? input)
    {
        if (input is { } image && (Padded(image).Width < _size.Width || Padded(image).Height < _size.Height))
            throw new UserErrorException(
                $"RandomCrop cuts {_size} pixels, more than the picture has with its padding ({Padded(image)}); put a Resize before it or raise its padding.");
        if (input is { } mirrored && IsMirrored && config.Padding >= Math.Min(mirrored.Width, mirrored.Height))
            throw new UserErrorException($"RandomCrop cannot mirror {config.Padding} pixels of a picture of {mirrored}; its padding must be smaller than the picture.");
        return _size;
    }

    protected override void Run(in RgbImage image, Span<byte> target, KeyedRandom random)
    {
        var box = RandomBoxes.Crop(Padded(image.Size), _size, random);
        var window = box with { X = box.X - config.Padding, Y = box.Y - config.Padding };
        if (IsMirrored) Windows.CopyMirrored(image, window, target);
        else Windows.Copy(image, window, fill: 0, target);
    }

    private bool IsMirrored => config.PaddingMode == "reflect";

    private ImageSize Padded(ImageSize image) => new(checked(image.Width + 2 * config.Padding), checked(image.Height + 2 * config.Padding));
}

internal sealed class RandomResizedCropStage(RandomResizedCropConfig config, ResampleFilter? filter, int position) : RandomStage(position)
{
    private readonly ImageSize _size = new(config.Width, config.Height);

    public override ImageSize? Output(ImageSize? input) => _size;

    protected override void Run(in RgbImage image, Span<byte> target, KeyedRandom random)
    {
        var box = RandomBoxes.ResizedCrop(image.Size, config, random);
        if (box.Size == _size) Windows.Copy(image, box, fill: 0, target);
        else if (filter is null) NearestResampler.Resize(image, box, _size, Rect.Whole(_size), target);
        else Resampler.Resize(image, box, _size, Rect.Whole(_size), filter, target);
    }
}

internal sealed class RandomHorizontalFlipStage(RandomHorizontalFlipConfig config, int position) : RandomStage(position)
{
    public override ImageSize? Output(ImageSize? input) => input;

    protected override void Run(in RgbImage image, Span<byte> target, KeyedRandom random)
    {
        if (random.NextDouble() < config.Probability) Windows.Mirror(image, target);
        else image.Pixels.CopyTo(target);
    }
}
