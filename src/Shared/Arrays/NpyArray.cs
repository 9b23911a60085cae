using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ClusterBench.Files;

namespace ClusterBench.Arrays;

/// <summary>
/// A .npy file opened for reading, mapped into memory: little-endian, C order, of float32, float16, float64, int64, int32 or uint8. Do not
/// use its spans after <see cref="Dispose"/>.
/// </summary>
public sealed class NpyArray : IDisposable
{
    private readonly MappedFile _file;
    private readonly long _data;

    private NpyArray(MappedFile file)
    {
        _file = file;
        (string descr, bool fortran, long[] shape, _data) = ReadHeader();
        Shape = shape;
        DType = NpyFormat.TryType(descr, out DType type) ? type : throw Refuse($"its element type '{descr}' is not read");
        if (fortran && shape.Length > 1)
        {
            throw Refuse("it is in Fortran order");
        }
        Count = Product(shape);
        RowLength = Product(shape.Skip(1));
        if (Count * DType.Size() != file.Length - _data)
        {
            throw Refuse($"its shape [{string.Join(", ", shape)}] of {DType.Name()} needs {Count * DType.Size()} bytes and {file.Length - _data} follow the header");
        }
    }

    public string Path => _file.Path;

    public DType DType { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Elements.</summary>
    public long Count { get; }

    /// <summary>Elements of one row: the product of all sizes but the first.</summary>
    public long RowLength { get; }

    /// <exception cref="NpyException">Not a .npy file, damaged, or of a kind that is not read.</exception>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static NpyArray Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            return new NpyArray(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Elements [start, start + count) in place, in row-major order.</summary>
    /// <typeparam name="T">Of the size of <see cref="DType"/>: float, Half, double, long, int or byte.</typeparam>
    public ReadOnlySpan<T> Elements<T>(long start, int count)
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
        {
            throw new InvalidOperationException($"{Path} holds {DType.Name()}, not {typeof(T).Name}.");
        }
        int size = DType.Size();
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - count);
        return MemoryMarshal.Cast<byte, T>(_file.Span(_data + (start * size), checked(count * size)));
    }

    /// <summary>Rows [start, start + count) in place, one behind the other.</summary>
    public ReadOnlySpan<T> Rows<T>(long start, int count)
        where T : unmanaged => Elements<T>(start * RowLength, checked((int)(count * RowLength)));

    public void Dispose() => _file.Dispose();

    private (string Descr, bool Fortran, long[] Shape, long Data) ReadHeader()
    {
        if (_file.Length < NpyFormat.PreambleSize + 2 || _file.Span(0, 8) is not [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', var version, 0])
        {
            throw Refuse("it does not begin as a .npy file does");
        }
        if (version is < 1 or > 3)
        {
            throw Refuse($"its format version is {version}; 1 to 3 are read");
        }
        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(_file.Span(8, 2)) : BinaryPrimitives.ReadUInt32LittleEndian(_file.Span(8, 4));
        int start = version == 1 ? 10 : 12;
        if (length > NpyFormat.MaxHeader || length > _file.Length - start)
        {
            throw Refuse($"its header of {length} bytes does not fit into the file");
        }
        ReadOnlySpan<byte> header = _file.Span(start, (int)length);
        string text = version == 3 ? Encoding.UTF8.GetString(header) : Encoding.Latin1.GetString(header);
        (string descr, bool fortran, long[] shape) = new NpyHeaderParser(text, Path).Parse();
        return (descr, fortran, shape, start + length);
    }

    private long Product(IEnumerable<long> sizes)
    {
        Int128 product = 1;
        foreach (long size in sizes.Order())
        {
            product *= size; // In ascending order: a zero comes first.
            if (product > _file.Length)
            {
                throw Refuse($"its shape [{string.Join(", ", Shape)}] needs more bytes than the file has ({_file.Length})");
            }
        }
        return (long)product;
    }

    private NpyException Refuse(string what) => new(Path, what);
}
