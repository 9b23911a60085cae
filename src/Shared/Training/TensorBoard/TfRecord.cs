using System.Buffers.Binary;
using System.Numerics;

namespace ClusterBench.Training.TensorBoard;

/// <summary>
/// The framing of TensorFlow's record files: length (8 bytes, little endian), its checksum, the data, its checksum.
/// </summary>
internal static class TfRecord
{
    /// <returns>The record as it stands in a file.</returns>
    public static byte[] Frame(ReadOnlySpan<byte> data)
    {
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc(data));
        return record;
    }

    // Rotated and shifted as in TensorFlow's crc32c.h, so that the checksum of bytes that hold checksums is not weak.
    private static uint MaskedCrc(ReadOnlySpan<byte> data) => unchecked(BitOperations.RotateRight(Crc(data), 15) + 0xa282ead8);

    /// <summary>CRC-32C (Castagnoli).</summary>
    internal static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (var octet in data)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }
}
