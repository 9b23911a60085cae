using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// Antialiased resampling of RGB bytes, equal to Pillow's to the byte: rows first, then columns, each pass summed in 32-bit
/// integers and rounded to a byte before the next. The vector and the scalar code do the same integer arithmetic.
/// </summary>
/// <remarks>torch's interpolate(antialias) is no substitute: bicubic differs by up to 4, since it does not clamp between the passes.</remarks>
public static unsafe class Resampler
{
    private const int Half = 1 << (ResampleAxis.FractionBits - 1);

    /// <summary>
    /// Cuts <paramref name="box"/> out of the picture, resamples it to <paramref name="size"/> and writes the part
    /// <paramref name="window"/> of that. Pixels outside of the box have no influence (torchvision's crop, then resize).
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="box">The part of the picture that is resampled; inside the picture.</param>
    /// <param name="size">What the box comes to.</param>
    /// <param name="window">The part of the result that is wanted; inside <paramref name="size"/>.</param>
    /// <param name="filter">The kernel.</param>
    /// <param name="target">Receives <c>3 * window.Width * window.Height</c> bytes.</param>
    /// <param name="vectorized">False forces the scalar code; the bytes are the same.</param>
    public static void Resize(
        in RgbImage image, Rect box, ImageSize size, Rect window, ResampleFilter filter, Span<byte> target, bool vectorized = true)
    {
        box.ThrowUnlessWithin(image.Size);
        window.ThrowUnlessWithin(size);
        target = target[..checked(3 * window.Size.Pixels)];
        using var columns = new ResampleAxis(box.Width, size.Width, window.X, window.Width, filter);
        using var rows = new ResampleAxis(box.Height, size.Height, window.Y, window.Height, filter);

        var rowBytes = 3 * window.Width;
        var first = rows.InputStart;
        var between = ArrayPool<byte>.Shared.Rent(checked((rows.InputEnd - first) * rowBytes + 1));
        for (var y = first; y < rows.InputEnd; y++)
        {
            // A vector load takes one byte more than the pixel has, a store writes one more.
            var source = image.Pixels[(3 * ((box.Y + y) * image.Width + box.X))..];
            var mayReadOn = source.Length > 3 * box.Width;
            var row = between.AsSpan((y - first) * rowBytes);
            if (vectorized && mayReadOn && Sse41.IsSupported) RowVector(source, columns, row);
            else RowScalar(source, columns, row);
        }
        for (var y = 0; y < rows.Count; y++)
        {
            var source = between.AsSpan((rows.First(y) - first) * rowBytes);
            var done = vectorized && Avx2.IsSupported ? ColumnsVector(source, rowBytes, rows.Weights(y), target[(y * rowBytes)..]) : 0;
            ColumnsScalar(source, rowBytes, rows.Weights(y), target.Slice(y * rowBytes, rowBytes), done);
        }
        ArrayPool<byte>.Shared.Return(between);
    }

    private static void RowScalar(ReadOnlySpan<byte> source, in ResampleAxis columns, Span<byte> target)
    {
        for (var x = 0; x < columns.Count; x++)
        {
            var pixel = source[(3 * columns.First(x))..];
            int red = Half, green = Half, blue = Half;
            foreach (var weight in columns.Weights(x))
            {
                red += weight * pixel[0];
                green += weight * pixel[1];
                blue += weight * pixel[2];
                pixel = pixel[3..];
            }
            target[3 * x] = ToByte(red);
            target[3 * x + 1] = ToByte(green);
            target[3 * x + 2] = ToByte(blue);
        }
    }

    // One pixel at a time in four lanes, the fourth unused: the byte it writes is overwritten by the next pixel or row.
    private static void RowVector(ReadOnlySpan<byte> source, in ResampleAxis columns, Span<byte> target)
    {
        source = source[..(3 * columns.InputEnd + 1)];
        target = target[..(3 * columns.Count + 1)];
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            for (var x = 0; x < columns.Count; x++)
            {
                var pixel = from + 3 * columns.First(x);
                var sum = Vector128.Create(Half);
                foreach (var weight in columns.Weights(x))
                {
                    sum += Sse41.ConvertToVector128Int32(Vector128.CreateScalarUnsafe(*(uint*)pixel).AsByte()) * Vector128.Create(weight);
                    pixel += 3;
                }
                sum >>= ResampleAxis.FractionBits;
                var words = Sse2.PackSignedSaturate(sum, sum);
                *(uint*)(to + 3 * x) = Sse2.PackUnsignedSaturate(words, words).AsUInt32().ToScalar();
            }
        }
    }

    private static int ColumnsVector(ReadOnlySpan<byte> source, int rowBytes, ReadOnlySpan<int> weights, Span<byte> target)
    {
        source = source[..(weights.Length * rowBytes)];
        target = target[..rowBytes];
        var done = 0;
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            for (; done <= rowBytes - 16; done += 16)
            {
                var low = Vector256.Create(Half);
                var high = low;
                var at = from + done;
                foreach (var weight in weights)
                {
                    var factor = Vector256.Create(weight);
                    low += Avx2.ConvertToVector256Int32(at) * factor;
                    high += Avx2.ConvertToVector256Int32(at + 8) * factor;
                    at += rowBytes;
                }
                // The packing works in halves of 128 bits; the permutation puts them back in order.
                var words = Avx2.PackSignedSaturate(low >> ResampleAxis.FractionBits, high >> ResampleAxis.FractionBits);
                var ordered = Avx2.Permute4x64(words.AsInt64(), 0b11_01_10_00).AsInt16();
                Sse2.PackUnsignedSaturate(ordered.GetLower(), ordered.GetUpper()).Store(to + done);
            }
        }
        return done;
    }

    private static void ColumnsScalar(ReadOnlySpan<byte> source, int rowBytes, ReadOnlySpan<int> weights, Span<byte> target, int start)
    {
        for (var x = start; x < target.Length; x++)
        {
            var sum = Half;
            for (var i = 0; i < weights.Length; i++) sum += weights[i] * source[i * rowBytes + x];
            target[x] = ToByte(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResampleAxis.FractionBits, 0, 255);
}
