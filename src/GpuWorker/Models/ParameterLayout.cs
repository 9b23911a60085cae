using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Models;

/// <summary>What a tensor of a network is for.</summary>
public enum TensorRole
{
    /// <summary>A float32 weight that training changes by its gradient.</summary>
    Parameter,
    /// <summary>A float32 statistic that a forward pass in training changes.</summary>
    Buffer,
    /// <summary>A single int64, e.g. <c>num_batches_tracked</c>.</summary>
    Counter,
}

/// <summary>One tensor of a network and where it lies in the flat memory of its role.</summary>
/// <param name="Name">Its key in the state dict.</param>
/// <param name="Offset">Index of its first element.</param>
/// <param name="Count">Number of its elements.</param>
public sealed record LayoutEntry(string Name, IReadOnlyList<long> Shape, TensorRole Role, long Offset, long Count)
{
    /// <summary>The element type as PyTorch names it.</summary>
    public string DType => Role == TensorRole.Counter ? "int64" : "float32";
}

/// <summary>
/// Names, shapes and places of all tensors of a network, in the order of PyTorch's state dict. It is filled by building the network
/// once against it, so that what a model consists of is written in one place only: its constructor.
/// </summary>
public sealed class ParameterLayout
{
    // 16 floats are 64 bytes: every view begins on a cache line, so no result depends on where in the flat memory it lies. The
    // padding is 0 in weights, gradients and momentum for ever.
    private const long Unit = 16;

    private readonly List<LayoutEntry> _entries = [];
    private readonly Dictionary<string, LayoutEntry> _byName = new(StringComparer.Ordinal);

    /// <summary>All tensors in the order of the state dict.</summary>
    public IReadOnlyList<LayoutEntry> Entries => _entries;

    /// <summary>Elements of the flat memory of the parameters, padding included.</summary>
    public long ParameterLength { get; private set; }

    /// <summary>Elements of the flat memory of the buffers, padding included.</summary>
    public long BufferLength { get; private set; }

    public int CounterCount { get; private set; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such tensor.</exception>
    public LayoutEntry this[string name] => _byName[name];

    public bool TryGet(string name, out LayoutEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>The parameters as an optimizer sees them.</summary>
    /// <param name="trained">Whether the parameter of that name has a gradient.</param>
    public IEnumerable<FlatParameter> FlatParameters(Func<string, bool> trained) =>
        _entries.Where(entry => entry.Role == TensorRole.Parameter)
            .Select(entry => new FlatParameter(entry.Name, entry.Offset, entry.Count, trained(entry.Name)));

    internal void Add(string name, IReadOnlyList<long> shape, TensorRole role)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var offset = role switch { TensorRole.Parameter => ParameterLength, TensorRole.Buffer => BufferLength, _ => CounterCount };
        var entry = new LayoutEntry(name, shape, role, offset, count);
        _byName.Add(name, entry);
        _entries.Add(entry);
        if (role == TensorRole.Parameter)
            ParameterLength += Padded(count);
        else if (role == TensorRole.Buffer)
            BufferLength += Padded(count);
        else
            CounterCount++;
    }

    private static long Padded(long count) => (count + Unit - 1) / Unit * Unit;
}
