using System.IO.Compression;
using System.IO.Hashing;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints.Zip;

/// <summary>
/// The bytes of zip entries, each checked against its CRC-32 when it is first asked for. Stored entries are read in place; deflated ones
/// are unpacked as far as bytes really come, never by what a header promises, and within one allowance per file.
/// </summary>
internal sealed class ZipEntryReader(MappedFile file, Refusals refuse)
{
    private const int Chunk = 1 << 20;

    // Zeros shrink 1000 times; a hundred times the file, beyond a basic amount, is more than any checkpoint of real numbers needs.
    private long _allowance = (64L << 20) + (100 * file.Length);

    public FileBytes Read(ZipEntry entry)
    {
        if (entry.Deflated)
        {
            return new FileBytes(Inflate(entry));
        }
        var crc = new Crc32();
        var bytes = new FileBytes(file, entry.DataOffset, entry.Size);
        for (long at = 0; at < entry.Size; at += Chunk)
        {
            crc.Append(bytes.Span(at, (int)Math.Min(Chunk, entry.Size - at)));
        }
        CheckCrc(entry, crc);
        return bytes;
    }

    private unsafe byte[] Inflate(ZipEntry entry)
    {
        using var packed = new UnmanagedMemoryStream(file.Pointer(entry.DataOffset, entry.CompressedSize), entry.CompressedSize);
        using var inflater = new DeflateStream(packed, CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        byte[] buffer = new byte[(int)Math.Min(Chunk, Math.Max(entry.Size, 1) + 1)];
        var crc = new Crc32();
        try
        {
            for (int got = inflater.Read(buffer); got > 0; got = inflater.Read(buffer))
            {
                _allowance -= got;
                if (unpacked.Length + got > entry.Size)
                {
                    throw refuse.Because(CheckpointFault.DamagedData, $"the zip entry '{entry.Name}' unpacks to more than the {entry.Size} bytes that it declares");
                }
                if (_allowance < 0 || unpacked.Length + got > Array.MaxLength)
                {
                    throw refuse.Because(CheckpointFault.TooLarge, $"the zip entry '{entry.Name}' unpacks to far more than its file holds", "Unpack the file and zip it again without compression.");
                }
                unpacked.Write(buffer, 0, got);
                crc.Append(buffer.AsSpan(0, got));
            }
        }
        catch (InvalidDataException)
        {
            throw refuse.Because(CheckpointFault.DamagedData, $"the compressed data of the zip entry '{entry.Name}' are damaged");
        }
        if (unpacked.Length < entry.Size)
        {
            throw refuse.Because(CheckpointFault.StorageTooShort, $"the zip entry '{entry.Name}' unpacks to {unpacked.Length} bytes and declares {entry.Size}");
        }
        CheckCrc(entry, crc);
        return unpacked.ToArray();
    }

    private void CheckCrc(ZipEntry entry, Crc32 crc)
    {
        if (crc.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw refuse.Because(CheckpointFault.DamagedData, $"the zip entry '{entry.Name}' does not fit its CRC-32: bytes have changed since it was written");
        }
    }
}
