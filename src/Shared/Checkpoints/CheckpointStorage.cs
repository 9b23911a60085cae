using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints;

/// <summary>One block of elements in a checkpoint; several tensors may look at it.</summary>
public sealed class CheckpointStorage
{
    private readonly Lock _lock = new();
    private Func<FileBytes>? _load;
    private FileBytes? _bytes;

    internal CheckpointStorage(string key, DType dtype, long count) => (Key, DType, Count) = (key, dtype, count);

    /// <summary>Its name in the file.</summary>
    public string Key { get; }

    public DType DType { get; }

    /// <summary>Elements.</summary>
    public long Count { get; }

    /// <summary>Says where the bytes come from; asked for, and checked, when they are first needed.</summary>
    internal void LoadFrom(Func<FileBytes> load) => _load = load;

    internal FileBytes Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes ??= (_load ?? throw new InvalidOperationException($"Storage {Key} was never placed."))();
            }
        }
    }
}

/// <summary>A part of a storage (the legacy layout names such), counted in elements.</summary>
internal sealed record StorageView(CheckpointStorage Storage, long Offset, long Count);

/// <summary>Where a layout keeps its storages.</summary>
internal interface IStorageTable
{
    /// <exception cref="CheckpointException">Missing, too short, or known with another type or size.</exception>
    CheckpointStorage Find(string key, DType dtype, long count);
}
