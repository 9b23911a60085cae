using System.Collections.ObjectModel;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>A class or function that a pickle names; it was not looked up anywhere.</summary>
public sealed record PickleName(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>An object of a known, harmless type that is kept as it was described: its type, what it was made with and its state.</summary>
public sealed class PickleObject(PickleName type, object?[] arguments)
{
    public PickleName Type { get; } = type;

    public ReadOnlyCollection<object?> Arguments { get; } = arguments.AsReadOnly();

    /// <summary>What BUILD set, e.g. the attributes of an <c>argparse.Namespace</c>; null if nothing.</summary>
    public object? State { get; internal set; }

    public override string ToString() => Type.ToString();
}

/// <summary>A Python set or frozenset; the items are in the file's order and may repeat.</summary>
public sealed class PickleSet(List<object?> items)
{
    public IReadOnlyList<object?> Items => items;

    internal List<object?> Writable => items;
}

/// <summary>A numpy array that stands in the pickle itself.</summary>
public sealed class NumpyArray
{
    /// <summary>numpy's code without byte order, e.g. <c>f8</c>, <c>U3</c>, <c>O8</c>.</summary>
    public string DType { get; internal set; } = "";

    public bool BigEndian { get; internal set; }

    public IReadOnlyList<long> Shape { get; internal set; } = [];

    public bool FortranOrder { get; internal set; }

    /// <summary>The raw bytes, or for object arrays a list.</summary>
    public object? Data { get; internal set; }
}

/// <summary>The dictionary key None.</summary>
public sealed class NoneKey
{
    public static NoneKey Value { get; } = new();

    private NoneKey()
    {
    }

    public override string ToString() => "None";
}
