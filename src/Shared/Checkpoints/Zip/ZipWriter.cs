using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ClusterBench.Checkpoints.Zip;

/// <summary>Writes a zip of stored entries to a stream that can seek; sizes are known before, CRC-32s are filled in behind the data.</summary>
/// <param name="zip64From">From this size or offset on 64-bit fields are written; smaller only in tests.</param>
internal sealed class ZipWriter(Stream output, long zip64From = uint.MaxValue)
{
    private const ushort DosDate = (1980 - 1980) << 9 | 1 << 5 | 1; // A fixed date: equal content gives equal files.
    private readonly List<(byte[] Name, long Offset, long Size, uint Crc)> _entries = [];

    /// <param name="alignment">The data start at a multiple of this, by padding in the header.</param>
    public void Add(string name, long size, Action<Stream> write, int alignment = 1)
    {
        byte[] raw = Encoding.UTF8.GetBytes(name);
        long offset = output.Position;
        output.Write(LocalHeader(raw, offset, size, alignment));
        using var content = new CrcStream(output);
        write(content);
        if (content.Written != size)
        {
            throw new InvalidOperationException($"{name}: {content.Written} bytes were written and {size} announced.");
        }
        long end = output.Position;
        Span<byte> crc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(crc, content.Crc);
        output.Position = offset + 14;
        output.Write(crc);
        output.Position = end;
        _entries.Add((raw, offset, size, content.Crc));
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        long start = output.Position;
        foreach ((byte[] name, long offset, long size, uint crc) in _entries)
        {
            output.Write(DirectoryRecord(name, offset, size, crc));
        }
        long length = output.Position - start;
        bool wide = start >= zip64From || length >= zip64From || _entries.Count >= ushort.MaxValue;
        var end = new MemoryStream();
        using var to = new BinaryWriter(end);
        if (wide)
        {
            Write(to, ZipFormat.End64Record, ZipFormat.End64RecordSize - 12L, (ushort)45, (ushort)45, 0u, 0u);
            Write(to, (long)_entries.Count, (long)_entries.Count, length, start);
            Write(to, ZipFormat.End64Locator, 0u, start + length, 1u);
        }
        ushort count = (ushort)Math.Min(_entries.Count, ushort.MaxValue);
        Write(to, ZipFormat.EndRecord, (ushort)0, (ushort)0, count, count, wide ? uint.MaxValue : (uint)length, wide ? uint.MaxValue : (uint)start, (ushort)0);
        output.Write(end.GetBuffer().AsSpan(0, (int)end.Length));
    }

    private byte[] LocalHeader(byte[] name, long offset, long size, int alignment)
    {
        bool wide = size >= zip64From;
        int extra = wide ? 20 : 0;
        int unaligned = (int)((offset + ZipFormat.LocalHeaderSize + name.Length + extra) % alignment);
        int padding = unaligned == 0 ? 0 : alignment - unaligned;
        padding += padding is > 0 and < 4 ? alignment : 0; // An extra field has 4 bytes at least.
        var header = new MemoryStream();
        using var to = new BinaryWriter(header);
        uint shown = wide ? uint.MaxValue : (uint)size;
        Write(to, ZipFormat.LocalHeader, (ushort)(wide ? 45 : 20), ZipFormat.Utf8Name, ZipFormat.Stored, (ushort)0, DosDate, 0u, shown, shown, (ushort)name.Length, (ushort)(extra + padding));
        to.Write(name);
        if (wide)
        {
            Write(to, ZipFormat.Zip64Extra, (ushort)16, size, size);
        }
        if (padding > 0)
        {
            Write(to, ZipFormat.PaddingExtra, (ushort)(padding - 4));
            to.Write(new byte[padding - 4]);
        }
        return header.ToArray();
    }

    private byte[] DirectoryRecord(byte[] name, long offset, long size, uint crc)
    {
        // All three 64-bit fields or none: readers agree on that more than on a selection.
        bool wide = size >= zip64From || offset >= zip64From;
        uint shownSize = wide ? uint.MaxValue : (uint)size;
        ushort version = (ushort)(wide ? 45 : 20);
        var record = new MemoryStream();
        using var to = new BinaryWriter(record);
        Write(to, ZipFormat.DirectoryRecord, version, version, ZipFormat.Utf8Name, ZipFormat.Stored, (ushort)0, DosDate, crc, shownSize, shownSize);
        Write(to, (ushort)name.Length, (ushort)(wide ? 28 : 0), (ushort)0, (ushort)0, (ushort)0, 0u, wide ? uint.MaxValue : (uint)offset);
        to.Write(name);
        if (wide)
        {
            Write(to, ZipFormat.Zip64Extra, (ushort)24, size, size, offset);
        }
        return record.ToArray();
    }

    private static void Write(BinaryWriter to, params ReadOnlySpan<object> fields)
    {
        foreach (object field in fields)
        {
            switch (field)
            {
                case ushort v: to.Write(v); break;
                case uint v: to.Write(v); break;
                case long v: to.Write(v); break;
                default: throw new ArgumentException($"{field.GetType()}", nameof(fields));
            }
        }
    }

    /// <summary>Passes bytes on, counts them and takes their CRC-32.</summary>
    private sealed class CrcStream(Stream to) : Stream
    {
        private readonly Crc32 _crc = new();

        public long Written { get; private set; }

        public uint Crc => _crc.GetCurrentHashAsUInt32();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position { get => Written; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _crc.Append(buffer);
            to.Write(buffer);
            Written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
