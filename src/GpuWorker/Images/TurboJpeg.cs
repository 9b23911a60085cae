using System.Reflection;
using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// JPEG by libturbojpeg, the library behind Pillow's decoder: the same pixels, about 2.7 times as fast as SkiaSharp. One per
/// thread. Its verdicts are Pillow's: data that is corrupt in the middle passes with what could be read, a file that ends early
/// does not.
/// </summary>
internal sealed unsafe partial class TurboJpeg : IDisposable
{
    private const string Library = "libturbojpeg.so.0";
    private const int PixelFormatRgb = 0, PixelFormatCmyk = 11, ColorSpaceCmyk = 3;

    private static readonly Lazy<bool> Probe =
        new(() => NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), searchPath: null, out _));

    private nint _handle;

    public TurboJpeg() => _handle = NewHandle();

    /// <summary>Whether the library is on this machine; looked for once.</summary>
    public static bool IsAvailable => Probe.Value;

    /// <summary>Reads size and colour space; <paramref name="isCmyk"/>: four components, for <see cref="PixelPacking.AdobeCmykToRgb"/>.</summary>
    /// <returns>Null, or why the header cannot be read.</returns>
    public string? ReadHeader(ReadOnlySpan<byte> data, out ImageSize size, out bool isCmyk)
    {
        fixed (byte* source = data)
        {
            var status = tjDecompressHeader3(_handle, source, (nuint)data.Length, out var width, out var height, out _, out var colorSpace);
            size = new ImageSize(width, height);
            isCmyk = colorSpace >= ColorSpaceCmyk;
            return status == 0 ? null : Verdict().Error;
        }
    }

    /// <summary>Decodes to RGB (3 bytes per pixel) or, if <see cref="ReadHeader"/> said so, CMYK (4 bytes).</summary>
    /// <returns>Null, or why the picture is refused.</returns>
    public string? Decode(ReadOnlySpan<byte> data, ImageSize size, bool isCmyk, Span<byte> pixels)
    {
        pixels = pixels[..checked(size.Pixels * (isCmyk ? 4 : 3))];
        fixed (byte* source = data)
        fixed (byte* target = pixels)
        {
            var format = isCmyk ? PixelFormatCmyk : PixelFormatRgb;
            if (tjDecompress2(_handle, source, (nuint)data.Length, target, size.Width, 0, size.Height, format, 0) == 0) return null;
            var (error, warning) = Verdict();
            if (error is not null) return error;
            // Only the first warning is kept, so corrupt data may hide that the file ends early.
            return JpegMarkers.HasEnd(data) && !warning.Contains("Premature end of JPEG file", StringComparison.Ordinal)
                ? null
                : "it ends before the picture does (truncated)";
        }
    }

    public void Dispose()
    {
        if (_handle != 0) _ = tjDestroy(_handle);
        _handle = 0;
    }

    // After an error in a header the handle stays in the middle of that header (2.1.5): the next file would fail too, so it is replaced.
    private (string? Error, string Warning) Verdict()
    {
        var text = Marshal.PtrToStringUTF8(tjGetErrorStr2(_handle)) ?? "unknown JPEG error";
        var isWarning = tjGetErrorCode(_handle) == 0;
        Dispose();
        _handle = NewHandle();
        return isWarning ? (null, text) : (text, "");
    }

    private static nint NewHandle() => tjInitDecompress() is var handle and not 0
        ? handle
        : throw new InvalidOperationException($"{Library} gave no decoder; the machine is out of memory.");

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint tjInitDecompress();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tjDestroy(nint handle);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tjDecompressHeader3(
        nint handle, byte* data, nuint length, out int width, out int height, out int subsampling, out int colorSpace);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tjDecompress2(
        nint handle, byte* data, nuint length, byte* target, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint tjGetErrorStr2(nint handle);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int tjGetErrorCode(nint handle);
}
