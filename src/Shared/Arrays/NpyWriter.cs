using System.Runtime.InteropServices;
using ClusterBench.Files;

namespace ClusterBench.Arrays;

/// <summary>Writes .npy files of float32, int32 or int64: whole arrays, or row by row where the number of rows is known before.</summary>
public sealed class NpyWriter
{
    private readonly Stream _output;
    private readonly DType _type;
    private long _left;

    /// <summary>Writes the header; <see cref="Append"/> brings the elements.</summary>
    /// <param name="shape">Sizes, outermost (rows) first; empty for a scalar.</param>
    public NpyWriter(Stream output, DType type, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(shape);
        if (type is not (DType.Float32 or DType.Int32 or DType.Int64))
        {
            throw new ArgumentException($"{type.Name()} arrays are not written.", nameof(type));
        }
        if (shape.Count > NpyFormat.MaxDimensions || shape.Any(size => size < 0))
        {
            throw new ArgumentException($"[{string.Join(", ", shape)}] is no shape.", nameof(shape));
        }
        (_output, _type) = (output, type);
        _left = shape.Aggregate(1L, (product, size) => checked(product * size));
        output.Write(NpyFormat.Header(type, shape));
    }

    /// <summary>The next elements, in row-major order.</summary>
    /// <typeparam name="T">float, int or long, as announced.</typeparam>
    public void Append<T>(ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        if (DTypes.Of<T>() != _type)
        {
            throw new ArgumentException($"The array is of {_type.Name()}, not of {typeof(T).Name}.", nameof(elements));
        }
        if (elements.Length > _left)
        {
            throw new InvalidOperationException($"{elements.Length} elements come where {_left} are left by the announced shape.");
        }
        _output.Write(MemoryMarshal.AsBytes(elements));
        _left -= elements.Length;
    }

    /// <summary>Makes sure that all announced elements came; call it last.</summary>
    public void Complete()
    {
        if (_left != 0)
        {
            throw new InvalidOperationException($"{_left} elements of the announced shape never came.");
        }
    }

    /// <summary>Writes a whole array as a file that is there whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write<T>(string path, IReadOnlyList<long> shape, ReadOnlyMemory<T> elements, Action? beforeRename = null)
        where T : unmanaged =>
        AtomicFile.Write(path, output =>
        {
            var writer = new NpyWriter(output, DTypes.Of<T>(), shape);
            writer.Append(elements.Span);
            writer.Complete();
        }, beforeRename);
}
