using System.Buffers.Binary;
using System.Numerics;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints.Pickling;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>
/// torch.save's layout before PyTorch 1.6: five pickles (magic number, version, system, object, storage keys), then for each key the
/// count of its elements in 8 bytes and the elements.
/// </summary>
internal sealed class LegacyLayout : IStorageTable
{
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);
    private const long Version = 1001;
    private readonly Dictionary<string, CheckpointStorage> _storages = new(StringComparer.Ordinal);
    private readonly MappedFile _file;
    private readonly Refusals _refuse;
    private readonly PickleCalls _calls;
    private long _position;

    private LegacyLayout(MappedFile file, Refusals refuse)
    {
        (_file, _refuse) = (file, refuse);
        _calls = new PickleCalls(this, refuse);
    }

    public static object? Read(MappedFile file, Refusals refuse)
    {
        var layout = new LegacyLayout(file, refuse);
        if (layout.Next() is not BigInteger magic || magic != Magic)
        {
            throw refuse.Because(CheckpointFault.NotPyTorch, "it is a pickle of something else: PyTorch's magic number is missing");
        }
        if (layout.Next() is not Version)
        {
            throw refuse.Because(CheckpointFault.Unsupported, $"the version of its layout is not {Version}");
        }
        if (layout.Next() is OrderedDictionary<object, object?> system && system.TryGetValue("little_endian", out object? little) && little is not true)
        {
            throw refuse.Because(CheckpointFault.Unsupported, "its tensors were saved on a big-endian machine", "Load and save it again in PyTorch on a little-endian machine.");
        }
        object? root = layout.Next();
        layout.Place(layout.Next());
        return root;
    }

    public CheckpointStorage Find(string key, DType dtype, long count)
    {
        if (!_storages.TryGetValue(key, out CheckpointStorage? known))
        {
            known = new CheckpointStorage(key, dtype, count);
            _storages.Add(key, known);
        }
        if (known.DType != dtype)
        {
            throw _refuse.Because(CheckpointFault.Inconsistent, $"storage '{key}' is used as {known.DType.Name()} and as {dtype.Name()}");
        }
        return known.Count == count ? known : throw _refuse.Because(CheckpointFault.StorageTooShort, $"storage '{key}' is announced with {known.Count} and with {count} elements");
    }

    private object? Next()
    {
        int window = (int)Math.Min(_file.Length - _position, PickleLimits.Bytes + 1L);
        object? value = PickleMachine.Run(_file.Span(_position, window), CheckpointFault.Truncated, _calls, _refuse, out int length);
        _position += length;
        return value;
    }

    /// <summary>Walks over the data in the order of the keys.</summary>
    private void Place(object? keys)
    {
        if (keys is not List<object?> list)
        {
            throw _refuse.Because(CheckpointFault.DamagedPickle, "the list of its storages is no list");
        }
        var missing = new HashSet<string>(_storages.Keys, StringComparer.Ordinal);
        foreach (object? item in list)
        {
            if (item is not string key || !missing.Remove(key))
            {
                throw _refuse.Because(CheckpointFault.MissingData, $"the list of its storages names '{item}', which no tensor uses or which was there before");
            }
            Place(_storages[key]);
        }
        if (missing.Count > 0)
        {
            throw _refuse.Because(CheckpointFault.MissingData, $"the data of {missing.Count} storages are not in the file, '{missing.First()}' among them");
        }
    }

    private void Place(CheckpointStorage storage)
    {
        if (_file.Length - _position < 8)
        {
            throw _refuse.Because(CheckpointFault.Truncated, $"it ends before storage '{storage.Key}'");
        }
        long count = BinaryPrimitives.ReadInt64LittleEndian(_file.Span(_position, 8));
        _position += 8;
        int size = storage.DType.Size();
        CheckpointFault? fault = count switch
        {
            < 0 => CheckpointFault.DamagedData,
            _ when count > (_file.Length - _position) / size => CheckpointFault.Truncated,
            _ when count < storage.Count => CheckpointFault.StorageTooShort,
            _ when count > storage.Count => CheckpointFault.DamagedData,
            _ => null,
        };
        if (fault is not null)
        {
            throw _refuse.Because(fault.Value, $"storage '{storage.Key}' has {count} elements by its own header, {storage.Count} are announced, and {_file.Length - _position} bytes are left in the file");
        }
        var bytes = new FileBytes(_file, _position, count * size);
        storage.LoadFrom(() => bytes);
        _position += count * size;
    }
}
