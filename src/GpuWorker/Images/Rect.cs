namespace ClusterBench.GpuWorker.Images;

/// <summary>A rectangle of pixels: left and top edge, width and height.</summary>
public readonly record struct Rect(int X, int Y, int Width, int Height)
{
    public ImageSize Size => new(Width, Height);

    public static Rect Whole(ImageSize size) => new(0, 0, size.Width, size.Height);

    public bool IsWithin(ImageSize size) =>
        X >= 0 && Y >= 0 && Width > 0 && Height > 0 && (long)X + Width <= size.Width && (long)Y + Height <= size.Height;

    internal void ThrowUnlessWithin(ImageSize size)
    {
        if (!IsWithin(size)) throw new ArgumentOutOfRangeException(nameof(size), $"{this} does not lie inside {size} pixels.");
    }
}
