using System.Buffers.Binary;

namespace ClusterBench.GpuWorker.Images;

/// <summary>The marker structure of a JPEG file (ITU-T T.81, annex B), as far as it tells a whole file from a cut one.</summary>
internal static class JpegMarkers
{
    private const byte EndOfImage = 0xD9;

    /// <summary>
    /// True if the end-of-image marker of the picture itself is there. One inside an embedded thumbnail does not count, and bytes
    /// behind it do not matter. A cut progressive file decodes to a blurred picture without any error, so only this tells.
    /// </summary>
    public static bool HasEnd(ReadOnlySpan<byte> data)
    {
        var at = 2;
        while (NextMarker(data, ref at, out var marker))
        {
            if (marker == EndOfImage) return true;
            if (!HasLength(marker)) continue;
            if (data.Length - at < 2) return false;
            at += Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(data[at..]));
            if (at > data.Length) return false;
        }
        return false;
    }

    // Also skips the entropy-coded bytes behind a start of scan: there FF is followed by 00, by a restart marker or by more FF.
    private static bool NextMarker(ReadOnlySpan<byte> data, ref int at, out byte marker)
    {
        marker = 0;
        while (at < data.Length)
        {
            var next = data[at..].IndexOf((byte)0xFF);
            if (next < 0) return false;
            at += next + 1;
            while (at < data.Length && data[at] == 0xFF) at++;
            if (at >= data.Length) return false;
            marker = data[at++];
            if (marker != 0 && !IsRestart(marker)) return true;
        }
        return false;
    }

    private static bool IsRestart(byte marker) => marker is >= 0xD0 and <= 0xD7;

    private static bool HasLength(byte marker) => marker is not (0x01 or 0xD8);
}
