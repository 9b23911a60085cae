using System.IO.MemoryMappedFiles;

namespace ClusterBench.Files;

/// <summary>
/// A file mapped into memory for reading: its pages come from the page cache when they are touched, none is copied. Do not use the spans
/// after <see cref="Dispose"/>. A file that somebody shortens while it is mapped ends the process (SIGBUS), as with every mapping.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly FileStream _file;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _start;
    private bool _disposed;

    /// <exception cref="UserErrorException">The file is missing or cannot be opened.</exception>
    public MappedFile(string path)
    {
        Path = path;
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"{path} is a folder; a file is needed here.");
        }
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new UserErrorException($"{path} cannot be opened: {why}. Check the path and its permissions.", inner: e);
        }
        try
        {
            Length = _file.Length;
            if (Length > 0)
            {
                _map = MemoryMappedFile.CreateFromFile(_file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
                _start += _view.PointerOffset;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            Close();
            throw new UserErrorException($"{path} cannot be mapped into memory: {e.Message}. It has to be an ordinary file; copy it to a local disk.", inner: e);
        }
    }

    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>The bytes [offset, offset + count) in place.</summary>
    public ReadOnlySpan<byte> Span(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>(_start + offset, count);
    }

    /// <summary>The address of byte <paramref name="offset"/>; <paramref name="count"/> bytes behind it can be read.</summary>
    internal byte* Pointer(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return _start + offset;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Close();
        }
    }

    private void Close()
    {
        if (_start is not null)
        {
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
            _start = null;
        }
        _view?.Dispose();
        _map?.Dispose();
        _file.Dispose();
    }
}
