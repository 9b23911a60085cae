using System.Diagnostics;

namespace ClusterBench.Arrays;

/// <summary>Type of a tensor's elements, little-endian in every file.</summary>
public enum DType
{
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,
    Complex64,
    Complex128,
}

public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.Int8 or DType.UInt8 or DType.Bool => 1,
        DType.Float16 or DType.BFloat16 or DType.Int16 => 2,
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 or DType.Int64 or DType.Complex64 => 8,
        DType.Complex128 => 16,
        _ => throw new UnreachableException($"{type}"),
    };

    /// <summary>The element type that holds <typeparamref name="T"/>.</summary>
    public static DType Of<T>()
        where T : unmanaged => default(T) switch
    {
        float => DType.Float32,
        double => DType.Float64,
        Half => DType.Float16,
        long => DType.Int64,
        int => DType.Int32,
        short => DType.Int16,
        sbyte => DType.Int8,
        byte => DType.UInt8,
        bool => DType.Bool,
        _ => throw new NotSupportedException($"No tensor has elements of {typeof(T).Name}."),
    };

    /// <summary>PyTorch's name without <c>torch.</c>, e.g. <c>float32</c>.</summary>
    public static string Name(this DType type) => type.ToString().ToLowerInvariant();
}
