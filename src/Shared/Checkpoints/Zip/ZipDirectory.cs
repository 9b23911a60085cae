using System.Buffers.Binary;
using System.Text;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints.Zip;

/// <summary>
/// The entries of a mapped zip file, with zip64. Stricter than most readers, for the sake of files that mean harm: no two entries of one
/// name, no two entries that share bytes, no local header that says other than the directory.
/// </summary>
internal sealed class ZipDirectory
{
    private const int LongestComment = 65535;
    private readonly MappedFile _file;
    private readonly Refusals _refuse;

    private ZipDirectory(MappedFile file, Refusals refuse) => (_file, _refuse) = (file, refuse);

    /// <summary>Entries by name.</summary>
    public static IReadOnlyDictionary<string, ZipEntry> Read(MappedFile file, Refusals refuse)
    {
        var reader = new ZipDirectory(file, refuse);
        (long start, long size, long count) = reader.FindDirectory();
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        long at = start;
        for (long i = 0; i < count; i++)
        {
            ZipEntry entry = reader.ReadRecord(ref at, start, start + size);
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw refuse.Because(CheckpointFault.Ambiguous, $"the zip holds two entries named '{entry.Name}'");
            }
        }
        reader.CheckNoOverlap(entries.Values);
        return entries;
    }

    private (long Start, long Size, long Count) FindDirectory()
    {
        int tail = (int)Math.Min(_file.Length, ZipFormat.EndRecordSize + LongestComment);
        ReadOnlySpan<byte> end = _file.Span(_file.Length - tail, tail);
        for (int i = tail - ZipFormat.EndRecordSize; i >= 0; i--)
        {
            if (U32(end[i..]) == ZipFormat.EndRecord && U16(end[(i + 20)..]) == tail - i - ZipFormat.EndRecordSize)
            {
                return ReadEnd(_file.Length - tail + i, end[i..]);
            }
        }
        throw _refuse.Because(CheckpointFault.Truncated, "the zip directory that stands at the end of the file is missing");
    }

    private (long Start, long Size, long Count) ReadEnd(long endOffset, ReadOnlySpan<byte> end)
    {
        (long count, long size, long start, long limit) = (U16(end[10..]), U32(end[12..]), U32(end[16..]), endOffset);
        long locatorOffset = endOffset - ZipFormat.End64LocatorSize;
        if (locatorOffset >= 0 && U32(_file.Span(locatorOffset, 4)) == ZipFormat.End64Locator)
        {
            long record = I64(_file.Span(locatorOffset + 8, 8));
            if (record < 0 || record > locatorOffset - ZipFormat.End64RecordSize || U32(_file.Span(record, 4)) != ZipFormat.End64Record)
            {
                throw Damaged("its zip64 end record is not where the file says");
            }
            ReadOnlySpan<byte> end64 = _file.Span(record, ZipFormat.End64RecordSize);
            (count, size, start, limit) = (I64(end64[32..]), I64(end64[40..]), I64(end64[48..]), record);
        }
        if (start < 0 || size < 0 || count < 0 || start > limit || size > limit - start || count > size / ZipFormat.DirectoryRecordSize)
        {
            throw Damaged("its zip directory does not fit into the file");
        }
        return (start, size, count);
    }

    private ZipEntry ReadRecord(ref long at, long directoryStart, long directoryEnd)
    {
        if (directoryEnd - at < ZipFormat.DirectoryRecordSize)
        {
            throw Damaged("its zip directory ends too early");
        }
        ReadOnlySpan<byte> record = _file.Span(at, ZipFormat.DirectoryRecordSize);
        int nameLength = U16(record[28..]), extraLength = U16(record[30..]), commentLength = U16(record[32..]);
        long next = at + ZipFormat.DirectoryRecordSize + nameLength + extraLength + commentLength;
        if (U32(record) != ZipFormat.DirectoryRecord || next > directoryEnd)
        {
            throw Damaged("its zip directory is damaged");
        }
        ReadOnlySpan<byte> rawName = _file.Span(at + ZipFormat.DirectoryRecordSize, nameLength);
        string name = Encoding.UTF8.GetString(rawName);
        ushort flags = U16(record[8..]), method = U16(record[10..]);
        CheckMethod(name, flags, method);
        Span<long> wide = [U32(record[24..]), U32(record[20..]), U32(record[42..])];
        Widen(_file.Span(at + ZipFormat.DirectoryRecordSize + nameLength, extraLength), wide, name);
        (long size, long compressed, long header) = (wide[0], wide[1], wide[2]);
        if (header < 0 || size < 0 || compressed < 0 || header > directoryStart - ZipFormat.LocalHeaderSize || (method == ZipFormat.Stored && size != compressed))
        {
            throw Damaged($"the zip entry '{name}' lies outside the file");
        }
        at = next;
        long data = CheckLocalHeader(name, rawName, flags, method, header, size, compressed);
        if (data > directoryStart || compressed > directoryStart - data)
        {
            throw Damaged($"the zip entry '{name}' lies outside the file");
        }
        return new ZipEntry(name, header, data, compressed, size, U32(record[16..]), method == ZipFormat.Deflate);
    }

    private void CheckMethod(string name, ushort flags, ushort method)
    {
        if ((flags & ZipFormat.Encrypted) != 0)
        {
            throw _refuse.Because(CheckpointFault.Unsupported, $"the zip entry '{name}' is encrypted", "Unpack it with its password and zip it again without one.");
        }
        if (method is not (ZipFormat.Stored or ZipFormat.Deflate))
        {
            throw _refuse.Because(CheckpointFault.Unsupported, $"the zip entry '{name}' is compressed with method {method}; stored and deflate are read", "Zip it again without compression.");
        }
    }

    /// <summary>Returns where the data start.</summary>
    private long CheckLocalHeader(string name, ReadOnlySpan<byte> rawName, ushort flags, ushort method, long offset, long size, long compressed)
    {
        ReadOnlySpan<byte> local = _file.Span(offset, ZipFormat.LocalHeaderSize);
        int nameLength = U16(local[26..]), extraLength = U16(local[28..]);
        long data = offset + ZipFormat.LocalHeaderSize + nameLength + extraLength;
        if (U32(local) != ZipFormat.LocalHeader || data > _file.Length)
        {
            throw Damaged($"the zip directory points to no entry for '{name}'");
        }
        if (!_file.Span(offset + ZipFormat.LocalHeaderSize, nameLength).SequenceEqual(rawName) || U16(local[8..]) != method || (U16(local[6..]) & ~ZipFormat.SizesFollowData) != (flags & ~ZipFormat.SizesFollowData))
        {
            throw Damaged($"the zip entry '{name}' has another name, flags or method in its own header than in the directory");
        }
        Span<long> wide = [U32(local[22..]), U32(local[18..])];
        bool sizesFollow = (U16(local[6..]) & ZipFormat.SizesFollowData) != 0;
        Widen(_file.Span(offset + ZipFormat.LocalHeaderSize + nameLength, extraLength), wide, name);
        if ((wide[0] != size || wide[1] != compressed) && !(sizesFollow && wide[0] == 0 && wide[1] == 0))
        {
            throw Damaged($"the zip entry '{name}' has other sizes in its own header than in the directory");
        }
        return data;
    }

    /// <summary>Replaces 32-bit fields that are full (0xFFFFFFFF) by the zip64 extra field's, in its order.</summary>
    private void Widen(ReadOnlySpan<byte> extra, Span<long> values, string name)
    {
        ReadOnlySpan<byte> wide = default;
        while (extra.Length >= 4)
        {
            int length = U16(extra[2..]);
            if (length > extra.Length - 4)
            {
                break;
            }
            if (U16(extra) == ZipFormat.Zip64Extra)
            {
                wide = extra.Slice(4, length);
                break;
            }
            extra = extra[(4 + length)..];
        }
        foreach (ref long value in values)
        {
            if (value != uint.MaxValue)
            {
                continue;
            }
            if (wide.Length < 8)
            {
                throw Damaged($"the zip entry '{name}' lacks its 64-bit sizes");
            }
            value = I64(wide);
            wide = wide[8..];
        }
    }

    private void CheckNoOverlap(IEnumerable<ZipEntry> entries)
    {
        long end = 0;
        foreach (ZipEntry entry in entries.OrderBy(e => e.HeaderOffset))
        {
            if (entry.HeaderOffset < end)
            {
                throw Damaged($"the zip entry '{entry.Name}' shares bytes with another entry");
            }
            end = entry.DataOffset + entry.CompressedSize;
        }
    }

    private CheckpointException Damaged(string what) => _refuse.Because(CheckpointFault.DamagedData, what);

    private static ushort U16(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt16LittleEndian(from);

    private static uint U32(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32LittleEndian(from);

    private static long I64(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadInt64LittleEndian(from);
}
