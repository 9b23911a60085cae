using System.Buffers;

namespace ClusterBench.GpuWorker.Images;

/// <summary>Resampling that takes one pixel each, as Pillow's NEAREST: no antialiasing.</summary>
public static class NearestResampler
{
    /// <inheritdoc cref="Resampler.Resize"/>
    public static void Resize(in RgbImage image, Rect box, ImageSize size, Rect window, Span<byte> target)
    {
        box.ThrowUnlessWithin(image.Size);
        window.ThrowUnlessWithin(size);
        var columns = Positions(box.Width, size.Width);
        var rows = Positions(box.Height, size.Height);
        var to = 0;
        for (var y = window.Y; y < window.Y + window.Height; y++)
        {
            var source = image.Pixels.Slice(3 * ((box.Y + rows[y]) * image.Width + box.X), 3 * box.Width);
            for (var x = window.X; x < window.X + window.Width; x++, to += 3)
                source.Slice(3 * columns[x], 3).CopyTo(target[to..]);
        }
        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
    }

    // The position is summed step by step as Pillow does: its rounding errors decide which pixel a tie takes.
    private static int[] Positions(int input, int output)
    {
        var positions = ArrayPool<int>.Shared.Rent(output);
        var scale = (double)input / output;
        var at = scale * 0.5;
        for (var x = 0; x < output; x++, at += scale) positions[x] = Math.Min((int)at, input - 1);
        return positions;
    }
}
