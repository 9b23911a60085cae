using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>Bytes of a storage: a window of the mapped file, or an array where the file holds them compressed.</summary>
internal sealed class FileBytes
{
    private readonly MappedFile? _file;
    private readonly long _offset;
    private readonly byte[]? _array;

    public FileBytes(MappedFile file, long offset, long length) => (_file, _offset, Length) = (file, offset, length);

    public FileBytes(byte[] array) => (_array, Length) = (array, array.Length);

    public long Length { get; }

    public ReadOnlySpan<byte> Span(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return _array is null ? _file!.Span(_offset + offset, count) : _array.AsSpan((int)offset, count);
    }
}
