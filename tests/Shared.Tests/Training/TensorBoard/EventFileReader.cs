using System.Buffers.Binary;
using System.Text;

namespace ClusterBench.Tests.Training.TensorBoard;

/// <summary>An event as it stands in the file.</summary>
/// <param name="Scalars">Tag and value.</param>
internal sealed record ReadEvent(double WallTime, long Step, string? FileVersion, bool Restart, IReadOnlyList<(string Tag, float Value)> Scalars);

/// <summary>
/// Reads event files by their documented format alone: checksums bit by bit, protobuf fields by number. It shares no code with what
/// writes them.
/// </summary>
internal static class EventFileReader
{
    public static IReadOnlyList<ReadEvent> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<ReadEvent>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var data = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(Event(data));
            at += 16 + length;
        }

        return events;
    }

    private static ReadEvent Event(ReadOnlySpan<byte> data)
    {
        var read = new ReadEvent(0, 0, null, false, []);
        while (!data.IsEmpty)
        {
            var (number, value) = Field(ref data);
            read = number switch
            {
                1 => read with { WallTime = BinaryPrimitives.ReadDoubleLittleEndian(value) },
                2 => read with { Step = (long)BinaryPrimitives.ReadUInt64LittleEndian(value) },
                3 => read with { FileVersion = Encoding.UTF8.GetString(value) },
                5 => read with { Scalars = Summary(value) },
                7 => read with { Restart = value is [8, 1] },
                _ => throw new InvalidDataException($"field {number} of an event"),
            };
        }

        return read;
    }

    private static List<(string, float)> Summary(ReadOnlySpan<byte> data)
    {
        var scalars = new List<(string, float)>();
        while (!data.IsEmpty)
        {
            var (number, value) = Field(ref data);
            Assert.Equal(1, number);
            ReadOnlySpan<byte> rest = value;
            var (first, tag) = Field(ref rest);
            var (second, number32) = Field(ref rest);
            Assert.Equal((1, 2), (first, second));
            Assert.True(rest.IsEmpty);
            scalars.Add((Encoding.UTF8.GetString(tag), BinaryPrimitives.ReadSingleLittleEndian(number32)));
        }

        return scalars;
    }

    /// <summary>The next field's number and bytes; a varint as 8 bytes.</summary>
    private static (int Number, byte[] Value) Field(ref ReadOnlySpan<byte> data)
    {
        var key = Varint(ref data);
        if ((key & 7) == 0)
        {
            var varint = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(varint, Varint(ref data));
            return ((int)(key >> 3), varint);
        }

        var length = (key & 7) switch { 1 => 8, 2 => (int)Varint(ref data), 5 => 4, var type => throw new InvalidDataException($"wire type {type}") };
        var value = data[..length].ToArray();
        data = data[length..];
        return ((int)(key >> 3), value);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var octet = data[0];
            data = data[1..];
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var octet in data)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }
}
