using System.Runtime.InteropServices;
using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints;

/// <summary>A contiguous row-major tensor for <see cref="CheckpointWriter"/>; its bytes are asked for when they are written.</summary>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="WriteTo">Writes all elements, little-endian: product(Shape) * DType.Size() bytes.</param>
public sealed record TensorToSave(DType DType, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>Elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>A tensor of elements that are in memory; the type of <typeparamref name="T"/> has to be of the size of <paramref name="type"/>.</summary>
    public static TensorToSave From<T>(DType type, IReadOnlyList<long> shape, ReadOnlyMemory<T> elements)
        where T : unmanaged =>
        new(type, shape, to => to.Write(MemoryMarshal.AsBytes(elements.Span)));

    public static TensorToSave Float32(IReadOnlyList<long> shape, ReadOnlyMemory<float> elements) => From(DType.Float32, shape, elements);

    /// <summary>A tensor of an open checkpoint, made contiguous; the checkpoint has to stay open until the file is written.</summary>
    public static TensorToSave From(CheckpointTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(tensor.DType, tensor.Shape, tensor.WriteTo);
    }
}
