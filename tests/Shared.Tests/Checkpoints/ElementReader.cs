using System.Runtime.InteropServices;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;

namespace ClusterBench.Tests.Checkpoints;

internal static class ElementReader
{
    /// <summary>All elements in row-major order, exactly, as doubles.</summary>
    public static double[] Doubles(CheckpointTensor tensor)
    {
        byte[] raw = tensor.ToArray();
        return tensor.DType switch
        {
            DType.Float32 => Cast<float>(raw, v => v),
            DType.Float64 => Cast<double>(raw, v => v),
            DType.Float16 => Cast<Half>(raw, v => (double)v),
            DType.BFloat16 => Cast<ushort>(raw, v => BitConverter.Int32BitsToSingle(v << 16)),
            DType.Int64 => Cast<long>(raw, v => v),
            DType.Int32 => Cast<int>(raw, v => v),
            DType.Int16 => Cast<short>(raw, v => v),
            DType.Int8 => Cast<sbyte>(raw, v => v),
            DType.UInt8 or DType.Bool => Cast<byte>(raw, v => v),
            _ => throw new NotSupportedException($"{tensor.DType}"),
        };
    }

    private static double[] Cast<T>(byte[] raw, Func<T, double> convert)
        where T : unmanaged
    {
        var doubles = new List<double>();
        foreach (T value in MemoryMarshal.Cast<byte, T>(raw))
        {
            doubles.Add(convert(value));
        }
        return [.. doubles];
    }
}
