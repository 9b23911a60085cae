using System.Numerics;
using System.Runtime.InteropServices;
using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints;

/// <summary>Elements of any real type as float32, rounded to nearest even.</summary>
internal static class ElementConversion
{
    public static void ToFloat32(ReadOnlySpan<byte> from, DType type, Span<float> to)
    {
        switch (type)
        {
            case DType.Float16: Convert<Half>(from, to); break;
            case DType.Float64: Convert<double>(from, to); break;
            case DType.Int64: Convert<long>(from, to); break;
            case DType.Int32: Convert<int>(from, to); break;
            case DType.Int16: Convert<short>(from, to); break;
            case DType.Int8: Convert<sbyte>(from, to); break;
            case DType.UInt8 or DType.Bool: Convert<byte>(from, to); break;
            case DType.Float32: MemoryMarshal.Cast<byte, float>(from).CopyTo(to); break;
            case DType.BFloat16: BFloat16(MemoryMarshal.Cast<byte, ushort>(from), to); break;
            default: throw new InvalidOperationException($"A {type.Name()} tensor has no float32 form.");
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> from, Span<float> to)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> typed = MemoryMarshal.Cast<byte, T>(from);
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = float.CreateTruncating(typed[i]);
        }
    }

    /// <summary>bfloat16 is the upper half of a float32.</summary>
    private static void BFloat16(ReadOnlySpan<ushort> from, Span<float> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
        }
    }
}
