using SkiaSharp;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// PNG, BMP and WebP, and JPEG where libturbojpeg is missing, by SkiaSharp. Colours come out as stored: no colour profile is
/// applied and the EXIF orientation is left alone, as in Pillow.
/// </summary>
internal sealed unsafe class SkiaImage : IDisposable
{
    private readonly SKData _data;
    private readonly SKCodec _codec;

    private SkiaImage(SKData data, SKCodec codec) => (_data, _codec) = (data, codec);

    public ImageSize Size => new(_codec.Info.Width, _codec.Info.Height);

    /// <summary>Reads the header, or returns null if Skia cannot make anything of it.</summary>
    /// <param name="data">Pinned bytes that outlive the result: they are not copied.</param>
    public static SkiaImage? Open(byte* data, int length)
    {
        var wrapped = SKData.Create((nint)data, length);
        var codec = SKCodec.Create(wrapped);
        if (codec is not null) return new SkiaImage(wrapped, codec);
        wrapped.Dispose();
        return null;
    }

    /// <summary>Decodes to 4 bytes per pixel: red, green, blue, alpha.</summary>
    /// <returns>Null, or why the picture is refused.</returns>
    public string? Decode(Span<byte> rgba)
    {
        var info = new SKImageInfo(Size.Width, Size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        rgba = rgba[..info.BytesSize];
        fixed (byte* target = rgba)
        {
            return _codec.GetPixels(info, (nint)target) switch
            {
                SKCodecResult.Success => null,
                SKCodecResult.IncompleteInput => "it ends before the picture does (truncated)",
                SKCodecResult.ErrorInInput => "its data is corrupt",
                var other => $"its data cannot be decoded ({other})",
            };
        }
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }
}
