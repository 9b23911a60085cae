namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// A view of a decoded picture: rows from the top, without padding, three bytes per pixel in the order red, green, blue.
/// It owns nothing; it is a ref struct so that it cannot outlive the buffer of the <see cref="ImageDecoder"/> it came from.
/// </summary>
public readonly ref struct RgbImage
{
    /// <param name="width">Pixels per row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Exactly <c>3 * width * height</c> bytes.</param>
    public RgbImage(int width, int height, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.Length != 3L * width * height)
            throw new ArgumentException($"{width}x{height} pixels need {3L * width * height} bytes, not {pixels.Length}.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    public ReadOnlySpan<byte> Pixels { get; }

    public ImageSize Size => new(Width, Height);
}

/// <summary>Width and height in pixels.</summary>
public readonly record struct ImageSize(int Width, int Height)
{
    public int Pixels => checked(Width * Height);

    public override string ToString() => $"{Width}x{Height}";
}
