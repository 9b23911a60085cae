using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>
/// Sums the leaves of a member's virtual ranks along the tree as they become ready. Whichever rank is ready first, the additions and
/// their order are the same; a rank that comes early waits in its own leaf. No more partial sums are held than a binary counter needs.
/// </summary>
/// <remarks>
/// <see cref="Add"/> may be called from the ranks' threads at once and does not wait for another's additions; everything else belongs
/// to one thread while no rank adds. Leaves are only read, and may be read by anybody until the step ends.
/// </remarks>
public sealed unsafe class LeafFold : IDisposable
{
    private readonly RankBlock _hosted;
    private readonly long _length;
    private readonly TreeAddition[] _additions;
    private readonly int[] _roots;
    private readonly Tensor?[] _places;
    private readonly bool[] _isBucket;
    private readonly Stack<Tensor> _free = [];
    private readonly List<Tensor> _buckets = [];
    private readonly Lock _gate = new();
    private int _folded, _done;
    private bool _isFolding;

    /// <param name="virtualRanks">V.</param>
    /// <param name="hosted">The member's own ranks.</param>
    /// <param name="length">Elements of a leaf.</param>
    public LeafFold(int virtualRanks, RankBlock hosted, long length)
    {
        (_hosted, _length) = (hosted, length);
        _additions = [.. ReductionTree.Additions(virtualRanks, [.. Enumerable.Range(hosted.First, hosted.Count).Select(static r => new TreeNode(r, 1))])];
        _roots = [.. ReductionTree.MaximalSubtrees(virtualRanks, hosted).Select(node => node.First - hosted.First)];
        (_places, _isBucket) = (new Tensor?[hosted.Count], new bool[hosted.Count]);
    }

    /// <summary>
    /// The sum of each of the member's sub-trees, in the order of <see cref="CollectiveGroup.Subtrees"/>, once all its ranks have added;
    /// valid until <see cref="Begin"/>. The sub-tree of a single rank is its leaf itself.
    /// </summary>
    /// <exception cref="InvalidOperationException">A rank is missing.</exception>
    public IReadOnlyList<Tensor> Sums => _folded == _hosted.Count
        ? [.. _roots.Select(root => _places[root]!)]
        : throw new InvalidOperationException($"virtual rank {_hosted.First + _folded} has not added its leaf");

    /// <summary>Forgets the leaves and sums of the step before.</summary>
    public void Begin()
    {
        Array.Clear(_places);
        Array.Clear(_isBucket);
        _free.Clear();
        _buckets.ForEach(_free.Push);
        (_folded, _done, _isFolding) = (0, 0, false);
    }

    /// <summary>Takes a rank's leaf, and makes the additions that are possible now unless another rank is at it and will.</summary>
    /// <param name="rank">A hosted virtual rank that has not added in this step.</param>
    /// <param name="leaf">Contiguous float32 on the CPU; not changed until the step ends.</param>
    public void Add(int rank, Tensor leaf)
    {
        if (!_hosted.Contains(rank))
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"the virtual ranks {_hosted.First} to {_hosted.End - 1} are hosted here");
        if (leaf.dtype != ScalarType.Float32 || leaf.numel() != _length)
            throw new ArgumentException($"a leaf has {_length} float32 elements, not {leaf.numel()} of {leaf.dtype}", nameof(leaf));
        _ = FlatMemory.Of(leaf);
        lock (_gate)
        {
            if (_places[rank - _hosted.First] is not null)
                throw new ArgumentException($"virtual rank {rank} has added its leaf already", nameof(rank));
            _places[rank - _hosted.First] = leaf;
            if (_isFolding)
                return;
            _isFolding = true;
        }
        while (TakeNext() is { } next)
            Fold(next);
    }

    public void Dispose() => _buckets.ForEach(static bucket => bucket.Dispose());

    /// <summary>The next rank in order, if it is there; else the folding ends with this call.</summary>
    private int? TakeNext()
    {
        lock (_gate)
        {
            _isFolding = _folded < _hosted.Count && _places[_folded] is not null;
            return _isFolding ? _folded++ : null;
        }
    }

    /// <summary>All additions that the leaf at <paramref name="index"/> completes, in one pass.</summary>
    private void Fold(int index)
    {
        var first = _done;
        while (_done < _additions.Length && _additions[_done].Node.End == _hosted.First + index + 1)
            _done++;
        if (first == _done)
            return;
        var chain = _additions.AsSpan(first, _done - first).ToArray();
        var root = chain[^1].Left;
        var addresses = new nint[_places.Length];
        foreach (var addition in chain)
            (addresses[addition.Left], addresses[addition.Right]) = (FlatMemory.Of(_places[addition.Left]!), FlatMemory.Of(_places[addition.Right]!));
        var into = _isBucket[root] ? _places[root]! : TakeBucket();
        TreeSum.Run(chain, addresses, root, 1, (float*)FlatMemory.Of(into), _length);
        foreach (var addition in chain.Where(a => _isBucket[a.Right]))
        {
            _free.Push(_places[addition.Right]!);
            _isBucket[addition.Right] = false;
        }
        (_places[root], _isBucket[root]) = (into, true);
    }

    private Tensor TakeBucket()
    {
        if (_free.TryPop(out var bucket))
            return bucket;
        bucket = empty(_length, ScalarType.Float32).DetachFromDisposeScope();
        _buckets.Add(bucket);
        return bucket;
    }
}
