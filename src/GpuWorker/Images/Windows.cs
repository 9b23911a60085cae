using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Images;

/// <summary>Cropping and padding are one thing: a window onto the picture, which goes on outside as a constant.</summary>
public static class Windows
{
    /// <summary>Writes the window, which may reach outside of the picture or miss it.</summary>
    /// <param name="target">Receives <c>3 * window.Width * window.Height</c> bytes.</param>
    /// <param name="fill">The value of all channels outside of the picture.</param>
    public static void Copy(in RgbImage image, Rect window, byte fill, Span<byte> target)
    {
        var rowBytes = 3 * window.Width;
        var left = Math.Clamp(-window.X, 0, window.Width);
        var right = Math.Clamp(image.Width - window.X, left, window.Width);
        for (var y = 0; y < window.Height; y++)
        {
            var row = target.Slice(y * rowBytes, rowBytes);
            var sourceY = window.Y + y;
            if (sourceY < 0 || sourceY >= image.Height || left == right)
            {
                row.Fill(fill);
                continue;
            }
            row[..(3 * left)].Fill(fill);
            image.Pixels.Slice(3 * (sourceY * image.Width + window.X + left), 3 * (right - left)).CopyTo(row[(3 * left)..]);
            row[(3 * right)..].Fill(fill);
        }
    }

    /// <summary>
    /// Writes the window, outside of the picture what it holds mirrored at its outermost pixels, which are not repeated. The window
    /// reaches out by less than the picture's length.
    /// </summary>
    /// <param name="target">Receives <c>3 * window.Width * window.Height</c> bytes.</param>
    public static void CopyMirrored(in RgbImage image, Rect window, Span<byte> target)
    {
        var from = MemoryMarshal.Cast<byte, Pixel>(image.Pixels);
        var to = MemoryMarshal.Cast<byte, Pixel>(target);
        for (var y = 0; y < window.Height; y++)
        {
            var row = from.Slice(Mirrored(window.Y + y, image.Height) * image.Width, image.Width);
            for (var x = 0; x < window.Width; x++) to[y * window.Width + x] = row[Mirrored(window.X + x, image.Width)];
        }
    }

    /// <summary>Left and right exchanged.</summary>
    /// <param name="target">Receives as many bytes as the picture has.</param>
    public static void Mirror(in RgbImage image, Span<byte> target)
    {
        image.Pixels.CopyTo(target);
        var pixels = MemoryMarshal.Cast<byte, Pixel>(target);
        for (var y = 0; y < image.Height; y++) pixels.Slice(y * image.Width, image.Width).Reverse();
    }

    /// <summary>
    /// torchvision's centre crop: a smaller picture is first padded with zeros, (missing / 2) on the left and top and the rest on
    /// the right and bottom; the offset of the cut is rounded, halves to even.
    /// </summary>
    public static Rect Center(ImageSize image, ImageSize crop) => new(
        CenterOffset(image.Width, crop.Width), CenterOffset(image.Height, crop.Height), crop.Width, crop.Height);

    private static int CenterOffset(int length, int crop) => crop >= length
        ? -((crop - length) / 2)
        : (int)Math.Round((length - crop) / 2.0, MidpointRounding.ToEven);

    private static int Mirrored(int at, int length) => at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at;

    private readonly record struct Pixel(byte Red, byte Green, byte Blue);
}
