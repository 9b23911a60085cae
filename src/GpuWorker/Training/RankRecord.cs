using System.Buffers.Binary;

namespace ClusterBench.GpuWorker.Training;

/// <summary>What a virtual rank says of a step beside its gradient.</summary>
[Flags]
public enum RankFlags
{
    None = 0,

    /// <summary>Its worker was asked to stop: all members end after this same step.</summary>
    Stop = 1,

    /// <summary>A logit was NaN, so nothing was counted.</summary>
    NotANumber = 2,
}

/// <summary>The small record of a virtual rank that every member of the gang gets.</summary>
/// <param name="Loss">The mean over the rank's images.</param>
/// <param name="Images">Images of the rank.</param>
/// <param name="Top1">Images whose label came first.</param>
/// <param name="Top5">Images whose label came among the first five.</param>
public readonly record struct RankRecord(double Loss, int Images, int Top1, int Top5, RankFlags Flags)
{
    /// <summary>Bytes of a record.</summary>
    public const int Size = 24;

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(target, Loss);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Images);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], Top1);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], Top5);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], (int)Flags);
    }

    internal static RankRecord Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadDoubleLittleEndian(source),
        BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
        (RankFlags)BinaryPrimitives.ReadInt32LittleEndian(source[20..]));
}
