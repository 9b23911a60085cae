using System.Buffers.Binary;
using System.Text;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>Cursor over the bytes of a pickle; every read is checked against what is really there before anything is reserved.</summary>
/// <param name="atEnd">What it means when the bytes end too early: a cut file or a damaged pickle.</param>
internal ref struct PickleInput(ReadOnlySpan<byte> data, CheckpointFault atEnd, Refusals refuse)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _data = data;

    public int Position { get; private set; }

    public readonly CheckpointException Damaged(string what) => refuse.Because(CheckpointFault.DamagedPickle, $"{what} (byte {Position} of the pickle)");

    public readonly CheckpointException TooLarge(string what) => refuse.Because(CheckpointFault.TooLarge, what);

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_data.Length - Position))
        {
            throw refuse.Because(atEnd, $"the pickle ends too early: {count} more bytes are announced at byte {Position} and {_data.Length - Position} are there");
        }
        ReadOnlySpan<byte> taken = _data.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public byte Byte() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A length of the opcodes that store it signed; negative ones are damage.</summary>
    public ulong SignedLength()
    {
        int length = I32();
        return length >= 0 ? (ulong)length : throw Damaged($"a length of {length}");
    }

    public string Utf8(ulong count)
    {
        ReadOnlySpan<byte> bytes = Take(count);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Python writes lone surrogates in three bytes each ("surrogatepass"); such text names no tensor.
            throw Damaged("a text that is not valid UTF-8");
        }
    }

    /// <summary>Up to the next line feed, which is taken too.</summary>
    public ReadOnlySpan<byte> Line()
    {
        int length = _data[Position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw refuse.Because(atEnd, $"the pickle ends too early: the line at byte {Position} has no end");
        }
        ReadOnlySpan<byte> line = Take((ulong)length);
        Position++;
        return line;
    }

    /// <summary>A line of a name; names are UTF-8.</summary>
    public string Utf8Line()
    {
        ReadOnlySpan<byte> line = Line();
        return System.Text.Unicode.Utf8.IsValid(line) ? Encoding.UTF8.GetString(line) : throw Damaged("a name that is not valid UTF-8");
    }

    public string AsciiLine() => Encoding.Latin1.GetString(Line());
}
