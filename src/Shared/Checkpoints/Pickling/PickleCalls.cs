using System.Text;
using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>What the allowed names mean, done by code of ours; everything else that a pickle wants to call is refused.</summary>
internal sealed class PickleCalls(IStorageTable storages, Refusals refuse)
{
    private long _budget = PickleLimits.Objects;

    /// <summary>Counts what a pickle makes, so that short loops over a memo cannot fill the memory.</summary>
    public void Charge(long objects)
    {
        _budget -= objects;
        if (_budget < 0)
        {
            throw refuse.Because(CheckpointFault.TooLarge, $"its pickle makes more than {PickleLimits.Objects} objects");
        }
    }

    public object? Call(object? callee, object?[] arguments, ref PickleInput input)
    {
        if (callee is not PickleName name)
        {
            throw input.Damaged("something is called that is no name");
        }
        string full = name.Name.Contains('.', StringComparison.Ordinal) ? "" : PickleGlobals.Canonical(name);
        if (PickleGlobals.KeptAsDescribed.Contains(full))
        {
            return new PickleObject(name, arguments);
        }
        if (PickleGlobals.UnsupportedTensors.TryGetValue(full, out string? kind))
        {
            throw refuse.Because(CheckpointFault.Unsupported, $"it holds {kind}");
        }
        return (full, arguments) switch
        {
            ("torch._utils._rebuild_tensor_v2", [StorageView s, long offset, object?[] size, object?[] stride, _, _, ..]) => Tensor(s, offset, size, stride, ref input),
            ("torch._utils._rebuild_tensor", [StorageView s, long offset, object?[] size, object?[] stride]) => Tensor(s, offset, size, stride, ref input),
            ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state", [CheckpointTensor tensor, ..]) => tensor,
            ("torch.Size", [object?[] sizes]) => sizes,
            ("collections.OrderedDict", []) => PickleKeys.NewDictionary(),
            ("collections.OrderedDict", [List<object?> pairs]) => FromPairs(pairs, ref input),
            ("collections.OrderedDict" or "collections.Counter" or "builtins.dict", [OrderedDictionary<object, object?> items]) => items,
            ("collections.Counter" or "builtins.dict", []) => PickleKeys.NewDictionary(),
            ("collections.defaultdict", [] or [PickleName or null]) => PickleKeys.NewDictionary(),
            ("collections.defaultdict", [PickleName or null, OrderedDictionary<object, object?> items]) => items,
            ("builtins.set" or "builtins.frozenset", []) => new PickleSet([]),
            ("builtins.set" or "builtins.frozenset", [List<object?> items]) => new PickleSet(items),
            ("builtins.complex", [double re, double im]) => new System.Numerics.Complex(re, im),
            ("builtins.list", []) => new List<object?>(),
            ("builtins.bytes", []) => Array.Empty<byte>(),
            ("builtins.bytearray", [byte[] bytes]) => bytes,
            ("_codecs.encode", [string text, "latin1" or "latin-1"]) => Latin1(text, ref input),
            ("numpy.dtype", [string code, ..]) => new NumpyDType(code),
            ("numpy.core.multiarray._reconstruct", [PickleName { Module: "numpy", Name: "ndarray" }, ..]) => new NumpyArray(),
            ("numpy.core.multiarray.scalar", [NumpyDType type, byte[] bytes]) => type.Scalar(bytes),
            ("numpy.core.multiarray.scalar", [NumpyDType, var value]) => value,
            ("numpy.core.numeric._frombuffer", [byte[] bytes, NumpyDType type, object?[] shape, string order]) =>
                NewArray(new NumpyArray(), bytes, type, shape, order == "F", ref input),
            _ => throw NotCallable(name, full, ref input),
        };
    }

    public object? CallWithKeywords(object? callee, object?[] arguments, object? keywords, ref PickleInput input) =>
        keywords is OrderedDictionary<object, object?> { Count: 0 } ? Call(callee, arguments, ref input) : throw Unsafe(callee);

    /// <summary>BUILD: sets the state of an object that was made before.</summary>
    public void Build(object? target, object? state, ref PickleInput input)
    {
        switch (target)
        {
            case PickleObject obj:
                obj.State = state;
                return;
            case OrderedDictionary<object, object?>:
                return; // Attributes of a dictionary: state_dict()'s _metadata, the versions of its modules.
            case NumpyDType type when state is object?[] { Length: >= 2 } parts:
                type.BigEndian = parts[1] is ">";
                return;
            case NumpyArray array when state is object?[] parts && parts is [_, object?[] shape, NumpyDType type, bool fortran, var data]:
                NewArray(array, data, type, shape, fortran, ref input);
                return;
            case PickleName:
                throw refuse.Because(CheckpointFault.UnsafePickle, $"it wants to change the class {target}");
            default:
                throw input.Damaged("a state is set on something that has none");
        }
    }

    /// <summary>BINPERSID: ('storage', type, key, location, elements) and in the legacy layout a view (key, offset, elements) or None.</summary>
    public StorageView Storage(object? id, ref PickleInput input)
    {
        if (id is not object?[] parts || parts is not ["storage", PickleName type, string key, string, long count, ..] || parts.Length > 6)
        {
            throw input.Damaged("a persistent id that is no tuple ('storage', type, key, location, elements)");
        }
        if (type.Module != "torch" || !PickleGlobals.StorageTypes.TryGetValue(type.Name, out DType dtype))
        {
            throw type is { Module: "torch" or "torch.storage" } && type.Name.EndsWith("Storage", StringComparison.Ordinal)
                ? refuse.Because(CheckpointFault.Unsupported, $"it holds tensors in a {type}")
                : refuse.Because(CheckpointFault.UnsafePickle, $"it names {type} where the type of a storage belongs");
        }
        if (count < 0)
        {
            throw refuse.Because(CheckpointFault.OutOfBounds, $"storage '{key}' has {count} elements");
        }
        CheckpointStorage storage = storages.Find(key, dtype, count);
        return parts switch
        {
            { Length: 5 } or [.., null] => new StorageView(storage, 0, count),
            [.., object?[] and [string, long offset, long elements]] when offset >= 0 && elements >= 0 && offset <= count && elements <= count - offset =>
                new StorageView(storage, offset, elements),
            _ => throw refuse.Because(CheckpointFault.OutOfBounds, $"a view of storage '{key}' reaches past it"),
        };
    }

    private CheckpointTensor Tensor(StorageView view, long offset, object?[] size, object?[] stride, ref PickleInput input)
    {
        Charge(size.Length);
        if (size.Length != stride.Length || size.Length > PickleLimits.Dimensions || !size.All(v => v is long) || !stride.All(v => v is long))
        {
            throw input.Damaged("a tensor whose shape and strides do not belong together");
        }
        return CheckpointTensor.Create(view, offset, [.. size.Select(v => (long)v!)], [.. stride.Select(v => (long)v!)], refuse);
    }

    private NumpyArray NewArray(NumpyArray array, object? data, NumpyDType type, object?[] shape, bool fortran, ref PickleInput input)
    {
        if (!shape.All(v => v is >= 0L))
        {
            throw input.Damaged("a numpy array whose shape is no list of sizes");
        }
        Charge(shape.Length);
        (array.DType, array.BigEndian, array.FortranOrder, array.Data) = (type.Code, type.BigEndian, fortran, data);
        array.Shape = [.. shape.Select(v => (long)v!)];
        return array;
    }

    private OrderedDictionary<object, object?> FromPairs(List<object?> pairs, ref PickleInput input)
    {
        Charge(pairs.Count);
        OrderedDictionary<object, object?> items = PickleKeys.NewDictionary();
        foreach (object? pair in pairs)
        {
            (object? key, object? value) = pair switch
            {
                object?[] and [var k, var v] => (k, v),
                List<object?> and [var k, var v] => (k, v),
                _ => throw input.Damaged("a dictionary made of something other than pairs"),
            };
            items[PickleKeys.CanBeKey(key) ? key ?? NoneKey.Value : throw input.Damaged("a list or a dictionary is a dictionary's key")] = value;
        }
        return items;
    }

    private byte[] Latin1(string text, ref PickleInput input)
    {
        Charge(text.Length / 4);
        return !text.AsSpan().ContainsAnyExceptInRange('\0', '\xFF') ? Encoding.Latin1.GetBytes(text) : throw input.Damaged("bytes that are written as a text beyond Latin-1");
    }

    private CheckpointException NotCallable(PickleName name, string full, ref PickleInput input)
    {
        bool known = full is "collections.OrderedDict" or "collections.Counter" or "collections.defaultdict" or "_codecs.encode" or "torch.Size" or "numpy.dtype"
            or "builtins.set" or "builtins.frozenset" or "builtins.complex" or "builtins.list" or "builtins.dict" or "builtins.bytes" or "builtins.bytearray"
            || full.StartsWith("torch._utils._rebuild_tensor", StringComparison.Ordinal) || full.StartsWith("torch._utils._rebuild_parameter", StringComparison.Ordinal)
            || full.StartsWith("numpy.core.multiarray.", StringComparison.Ordinal) || full == "numpy.core.numeric._frombuffer";
        return known ? input.Damaged($"a call of {name} with arguments that do not belong to it") : Unsafe(name);
    }

    private CheckpointException Unsafe(object? callee) =>
        callee is PickleName name && name.Module.StartsWith("torch.nn.modules.", StringComparison.Ordinal)
            ? refuse.Because(CheckpointFault.WholeModule, $"it is a whole network ({name}) as an object of Python's, not a state_dict")
            : refuse.Because(CheckpointFault.UnsafePickle, $"it wants to call {callee}, which is none of the few harmless names that checkpoints need");
}
