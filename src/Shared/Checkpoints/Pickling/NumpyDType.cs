using System.Buffers.Binary;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>A numpy dtype while its pickle is read.</summary>
internal sealed class NumpyDType(string code)
{
    public string Code { get; } = code.TrimStart('<', '|', '=', '>');

    public bool BigEndian { get; set; } = code.StartsWith('>');

    /// <summary>A numpy scalar as a plain number; the bytes themselves if the type is another.</summary>
    public object Scalar(byte[] bytes)
    {
        if (BigEndian)
        {
            return bytes;
        }
        return (Code, bytes.Length) switch
        {
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ("i1", 1) => (long)(sbyte)bytes[0],
            ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            ("u1", 1) => (long)bytes[0],
            ("b1", 1) => bytes[0] != 0,
            _ => bytes,
        };
    }
}
