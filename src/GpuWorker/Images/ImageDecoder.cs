using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// Image files to RGB bytes equal to Pillow's <c>Image.open(path).convert('RGB')</c>: JPEG (also gray, progressive, CMYK), 8-bit
/// PNG, BMP and WebP, told by content. Not thread-safe: each decoding thread has its own and reuses its buffers.
/// </summary>
public sealed unsafe class ImageDecoder : IDisposable
{
    /// <summary>Pixels of the largest picture that is decoded: 16384 x 16384, which takes 0.8 to 1 GiB.</summary>
    public const long MaxPixels = 1L << 28;

    private const long MaxFileBytes = 1L << 30;

    private readonly long _maxPixels;
    private readonly TurboJpeg? _turbo;
    private byte[] _file = [];
    private byte[] _pixels = [];

    /// <param name="maxPixels">A bound on width times height, at most <see cref="MaxPixels"/>.</param>
    /// <param name="useTurboJpeg">False takes SkiaSharp for JPEG even where libturbojpeg is there: the same pixels, slower.</param>
    public ImageDecoder(long maxPixels = MaxPixels, bool useTurboJpeg = true)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxPixels, MaxPixels);
        _maxPixels = maxPixels;
        _turbo = useTurboJpeg && TurboJpeg.IsAvailable ? new TurboJpeg() : null;
    }

    /// <summary>What a worker says once when it starts if JPEG is decoded the slow way; null where libturbojpeg was found.</summary>
    public static string? SlowJpegNote { get; } = TurboJpeg.IsAvailable
        ? null
        : "libturbojpeg.so.0 was not found: JPEG files are decoded by SkiaSharp, with the same pixels but about 2.7 times slower. "
            + "Install it with: apt-get install libturbojpeg0";

    /// <summary>Decodes a file. The result lives in this decoder's buffer: it is valid until the next call or until Dispose.</summary>
    /// <exception cref="ImageException">The file is missing, empty, damaged, cut, too large or no image.</exception>
    public RgbImage Decode(string path) => Decode(ReadFile(path), path);

    /// <summary>Decodes the bytes of a file; <paramref name="name"/> stands for it in errors.</summary>
    /// <inheritdoc cref="Decode(string)"/>
    public RgbImage Decode(ReadOnlySpan<byte> data, string name)
    {
        if (data.IsEmpty) throw new ImageException(name, "the file is empty");
        var format = ImageFormats.Detect(data);
        if (format == ImageFormat.Unknown)
            throw new ImageException(name, "it is not a JPEG, PNG, BMP or WebP file", ImageException.Convert);
        if (format == ImageFormat.Png && PngHeader.Is16Bit(data))
            throw new ImageException(name, "it is a PNG with 16 bits per channel", ImageException.Convert);
        return format == ImageFormat.Jpeg && _turbo is not null ? DecodeTurbo(_turbo, data, name) : DecodeSkia(format, data, name);
    }

    public void Dispose()
    {
        _turbo?.Dispose();
        Return(ref _file);
        Return(ref _pixels);
    }

    private RgbImage DecodeTurbo(TurboJpeg turbo, ReadOnlySpan<byte> data, string name)
    {
        if (turbo.ReadHeader(data, out var size, out var isCmyk) is { } badHeader) throw Damaged(name, badHeader);
        var pixels = Rent(ref _pixels, CheckedBytes(size, isCmyk ? 4 : 3, name));
        if (turbo.Decode(data, size, isCmyk, pixels) is { } refused) throw Damaged(name, refused);
        if (isCmyk) PixelPacking.AdobeCmykToRgb(pixels);
        return new RgbImage(size.Width, size.Height, pixels[..(3 * size.Pixels)]);
    }

    private RgbImage DecodeSkia(ImageFormat format, ReadOnlySpan<byte> data, string name)
    {
        fixed (byte* pinned = data)
        {
            using var image = SkiaImage.Open(pinned, data.Length) ?? throw Damaged(name, $"its {format} header is damaged");
            var size = image.Size;
            var pixels = Rent(ref _pixels, CheckedBytes(size, 4, name));
            if (image.Decode(pixels) is { } refused) throw Damaged(name, refused);
            if (format == ImageFormat.Jpeg && !JpegMarkers.HasEnd(data))
                throw Damaged(name, "it ends before the picture does (truncated)");
            PixelPacking.RgbaToRgb(pixels);
            return new RgbImage(size.Width, size.Height, pixels[..(3 * size.Pixels)]);
        }
    }

    private int CheckedBytes(ImageSize size, int bytesPerPixel, string name)
    {
        if (size.Width < 1 || size.Height < 1) throw Damaged(name, $"its header says {size} pixels");
        if ((long)size.Width * size.Height > _maxPixels)
            throw new ImageException(name, $"it has {size} pixels, more than the {_maxPixels} that are decoded",
                "Make it smaller, or take it out of the list.");
        return checked(size.Pixels * bytesPerPixel);
    }

    private ReadOnlySpan<byte> ReadFile(string path)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path);
            var length = RandomAccess.GetLength(handle);
            if (length > MaxFileBytes) throw new ImageException(path, $"the file has {length} bytes, which no image should have");
            var buffer = Rent(ref _file, (int)length);
            var filled = 0;
            while (filled < buffer.Length && RandomAccess.Read(handle, buffer[filled..], filled) is var read and > 0) filled += read;
            return buffer[..filled];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException(path, "there is no such file", "Check the list file and the root folder it starts from.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException(path, e.Message.TrimEnd('.'), "Check that this worker may read the file.", e);
        }
    }

    private static ImageException Damaged(string name, string reason) => new(name, reason);

    // Through the pool every time, so that one huge picture does not hold its memory for the rest of the run.
    private static Span<byte> Rent(ref byte[] buffer, int length)
    {
        Return(ref buffer);
        buffer = ArrayPool<byte>.Shared.Rent(length);
        return buffer.AsSpan(0, length);
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}
