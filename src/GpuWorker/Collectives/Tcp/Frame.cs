using System.Buffers.Binary;
using System.Globalization;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

internal enum FrameKind
{
    KeepAlive = 1,
    /// <summary>A chunk of a sub-tree's sum, for the chunk's owner.</summary>
    Sum,
    /// <summary>A chunk of the mean, from its owner.</summary>
    Mean,
    /// <summary>A virtual rank's record; the chunk is the rank.</summary>
    Record,
    /// <summary>A chunk of a broadcast tensor.</summary>
    Values,
    /// <summary>What a member wants of a copy of state.</summary>
    Intent,
    /// <summary>A chunk of the training state; the bucket is the tensor's number.</summary>
    State,
    /// <summary>The sender has aborted the generation; the payload says why. Nothing follows.</summary>
    Abort,
    /// <summary>The sender has finished all its calls and leaves. Nothing follows.</summary>
    Bye,
}

/// <summary>What stands before the payload of every frame: 32 bytes, little-endian.</summary>
/// <param name="Length">Bytes of the payload.</param>
internal readonly record struct Frame(FrameKind Kind, int Generation, long Step, int Bucket, int Chunk, int Length)
{
    public const int HeaderSize = 32;

    /// <summary>The largest payload. Bigger things travel in chunks of this size, so that no frame holds up a keep-alive for long.</summary>
    public const int MaxLength = 256 << 10;

    // "CBF1": tells a frame from whatever follows a length that was wrong.
    private const uint Magic = 0x31464243;

    /// <summary>Number of chunks that so many bytes travel in.</summary>
    public static int Chunks(long bytes) => checked((int)((bytes + MaxLength - 1) / MaxLength));

    /// <summary>Bytes of one of them.</summary>
    public static int ChunkLength(long bytes, int chunk) => (int)Math.Min(MaxLength, bytes - (long)chunk * MaxLength);

    /// <summary>Whether it carries a tensor's or a record's bytes, which is what the counters count.</summary>
    public bool IsData => Kind is FrameKind.Sum or FrameKind.Mean or FrameKind.Record or FrameKind.Values or FrameKind.State;

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Generation);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Bucket);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Chunk);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Length);
    }

    /// <summary>The frame that a header announces, or null where it is none.</summary>
    public static Frame? Read(ReadOnlySpan<byte> header)
    {
        var frame = new Frame(
            (FrameKind)BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[28..]));
        var isFrame = BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic
            && frame.Kind is >= FrameKind.KeepAlive and <= FrameKind.Bye && frame.Length is >= 0 and <= MaxLength;
        return isFrame ? frame : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Kind} of step {Step}, bucket {Bucket}, chunk {Chunk}, {Length} bytes (generation {Generation})");
}
