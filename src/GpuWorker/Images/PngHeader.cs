namespace ClusterBench.GpuWorker.Images;

/// <summary>The two bytes of a PNG header (chunk IHDR) that decide whether 8-bit RGB can hold the picture.</summary>
internal static class PngHeader
{
    private const int BitDepthAt = 24;

    /// <summary>
    /// 16 bits per channel. Such files are refused: what becomes of them differs between readers (Pillow 9 clamps gray to nearly
    /// white and cuts colours to their high byte, others scale), so any choice would be a silent surprise.
    /// </summary>
    public static bool Is16Bit(ReadOnlySpan<byte> png) => png.Length > BitDepthAt && png[BitDepthAt] == 16;
}
