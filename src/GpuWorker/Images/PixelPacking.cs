using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClusterBench.GpuWorker.Images;

/// <summary>Four bytes per pixel to three, in place: the result is written over the front of the buffer.</summary>
internal static class PixelPacking
{
    /// <summary>Drops alpha as Pillow's <c>convert('RGB')</c> does: the colours stay as stored, nothing is blended.</summary>
    public static void RgbaToRgb(Span<byte> pixels)
    {
        ref var start = ref MemoryMarshal.GetReference(pixels);
        int from = 0, to = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var keep = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            // A store ends at to + 16 <= from + 16: it never reaches pixels that are still to be read.
            for (; from + 16 <= pixels.Length; from += 16, to += 12)
                Vector128.Shuffle(Vector128.LoadUnsafe(ref start, (nuint)from), keep).StoreUnsafe(ref start, (nuint)to);
        }
        for (; from + 4 <= pixels.Length; from += 4, to += 3)
            for (var c = 0; c < 3; c++) pixels[to + c] = pixels[from + c];
    }

    /// <summary>
    /// CMYK as Adobe stores it in JPEG (inverted) to RGB by Pillow's formula: with K the stored byte, each colour is
    /// K - (255 - stored) * K / 255 (rounded), and not below 0.
    /// </summary>
    public static void AdobeCmykToRgb(Span<byte> pixels)
    {
        for (int from = 0, to = 0; from + 4 <= pixels.Length; from += 4, to += 3)
        {
            int k = pixels[from + 3];
            for (var c = 0; c < 3; c++) pixels[to + c] = (byte)Math.Max(0, k - DivideBy255((255 - pixels[from + c]) * k));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DivideBy255(int value)
    {
        value += 128;
        return ((value >> 8) + value) >> 8;
    }
}
