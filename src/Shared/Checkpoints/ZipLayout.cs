using ClusterBench.Arrays;
using ClusterBench.Checkpoints.Pickling;
using ClusterBench.Checkpoints.Zip;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>torch.save's layout since PyTorch 1.6: a zip with NAME/data.pkl and one entry NAME/data/KEY for each storage.</summary>
internal sealed class ZipLayout : IStorageTable
{
    private readonly Dictionary<string, CheckpointStorage> _storages = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, ZipEntry> _entries;
    private readonly ZipEntryReader _reader;
    private readonly string _root;
    private readonly Refusals _refuse;

    private ZipLayout(MappedFile file, Refusals refuse)
    {
        _refuse = refuse;
        _entries = ZipDirectory.Read(file, refuse);
        _reader = new ZipEntryReader(file, refuse);
        _root = FindRoot();
        if (_entries.TryGetValue($"{_root}/byteorder", out ZipEntry? order) && !Pickle(order).SequenceEqual("little"u8))
        {
            throw refuse.Because(CheckpointFault.Unsupported, "its tensors were saved on a big-endian machine", "Load and save it again in PyTorch on a little-endian machine.");
        }
    }

    public static object? Read(MappedFile file, Refusals refuse)
    {
        var layout = new ZipLayout(file, refuse);
        ReadOnlySpan<byte> pickle = layout.Pickle(layout._entries[$"{layout._root}/data.pkl"]);
        return PickleMachine.Run(pickle, CheckpointFault.DamagedPickle, new PickleCalls(layout, refuse), refuse, out _);
    }

    public CheckpointStorage Find(string key, DType dtype, long count)
    {
        if (!_entries.TryGetValue($"{_root}/data/{key}", out ZipEntry? entry))
        {
            throw _refuse.Because(CheckpointFault.MissingData, $"the data of storage '{key}' are not in the file");
        }
        if (_storages.TryGetValue(key, out CheckpointStorage? known) && known.DType != dtype)
        {
            throw _refuse.Because(CheckpointFault.Inconsistent, $"storage '{key}' is used as {known.DType.Name()} and as {dtype.Name()}");
        }
        if (entry.Size != (Int128)count * dtype.Size())
        {
            CheckpointFault fault = entry.Size < (Int128)count * dtype.Size() ? CheckpointFault.StorageTooShort : CheckpointFault.DamagedData;
            throw _refuse.Because(fault, $"storage '{key}' has {entry.Size} bytes in the file, and {count} elements of {dtype.Name()} are announced");
        }
        if (known is null)
        {
            known = new CheckpointStorage(key, dtype, count);
            known.LoadFrom(() => _reader.Read(entry));
            _storages.Add(key, known);
        }
        return known;
    }

    private ReadOnlySpan<byte> Pickle(ZipEntry entry)
    {
        if (entry.Size > PickleLimits.Bytes)
        {
            throw _refuse.Because(CheckpointFault.TooLarge, $"the zip entry '{entry.Name}' has {entry.Size} bytes; {PickleLimits.Bytes} are read at most");
        }
        return _reader.Read(entry).Span(0, (int)entry.Size);
    }

    private string FindRoot()
    {
        string[] roots = [.. _entries.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.IndexOf('/', StringComparison.Ordinal) == name.Length - 9).Select(name => name[..^9])];
        if (roots.Length > 1)
        {
            throw _refuse.Because(CheckpointFault.Ambiguous, $"the zip holds {roots.Length} checkpoints: {string.Join(", ", roots.Take(5))}");
        }
        if (roots.Length == 1)
        {
            return _entries.ContainsKey($"{roots[0]}/constants.pkl") || _entries.Keys.Any(name => name.StartsWith($"{roots[0]}/code/", StringComparison.Ordinal))
                ? throw _refuse.Because(CheckpointFault.TorchScript, "it is a TorchScript program (it holds code/), not a checkpoint")
                : roots[0];
        }
        string what = _entries.Count > 0 && _entries.Keys.All(name => name.EndsWith(".npy", StringComparison.Ordinal)) ? "it is a numpy .npz" : "it is a zip without data.pkl in a folder";
        throw _refuse.Because(CheckpointFault.NotPyTorch, what);
    }
}
