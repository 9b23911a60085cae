using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Images;

/// <summary>Which part of a picture the random crops of torchvision take; pure functions of the size and the random numbers.</summary>
public static class RandomBoxes
{
    private const int Tries = 10;

    /// <summary>A box of that size anywhere in the picture, every place equally likely.</summary>
    public static Rect Crop(ImageSize image, ImageSize crop, KeyedRandom random)
    {
        var top = random.NextInt(image.Height - crop.Height + 1);
        return new Rect(random.NextInt(image.Width - crop.Width + 1), top, crop.Width, crop.Height);
    }

    /// <summary>
    /// A box of a share of the picture's area, uniform in the scale, and of an aspect whose logarithm is uniform in the ratio; after
    /// ten that do not fit into the picture, the largest centred box of an allowed aspect.
    /// </summary>
    public static Rect ResizedCrop(ImageSize image, RandomResizedCropConfig config, KeyedRandom random)
    {
        var (low, high) = (Math.Log(config.MinRatio), Math.Log(config.MaxRatio));
        for (var i = 0; i < Tries; i++)
        {
            var area = (double)image.Width * image.Height * random.NextDouble(config.MinScale, config.MaxScale);
            var aspect = Math.Exp(random.NextDouble(low, high));
            var size = new ImageSize(Side(area * aspect), Side(area / aspect));
            if (size is { Width: > 0, Height: > 0 } && size.Width <= image.Width && size.Height <= image.Height)
                return Crop(image, size, random);
        }
        return Largest(image, config);
    }

    private static Rect Largest(ImageSize image, RandomResizedCropConfig config)
    {
        var aspect = (double)image.Width / image.Height;
        var (width, height) = (image.Width, image.Height);
        if (aspect < config.MinRatio)
            height = Math.Max(1, Rounded(width / config.MinRatio));
        else if (aspect > config.MaxRatio)
            width = Math.Max(1, Rounded(height * config.MaxRatio));
        return new Rect((image.Width - width) / 2, (image.Height - height) / 2, width, height);
    }

    private static int Side(double area) => Rounded(Math.Sqrt(area));

    private static int Rounded(double length) => (int)Math.Round(length, MidpointRounding.ToEven);
}
