using ClusterBench.Checkpoints.Pickling;

namespace ClusterBench.Checkpoints;

/// <summary>Finds the tensors of an object graph: without recursion, and each container once, however often it is referred to.</summary>
internal static class TensorWalk
{
    public static List<TensorEntry> Find(object? root)
    {
        var found = new List<TensorEntry>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(TensorPath? Path, object? Value)>();
        open.Push((null, root));
        var children = new List<(TensorPath? Path, object? Value)>();
        while (open.TryPop(out (TensorPath? Path, object? Value) at))
        {
            if (at.Value is CheckpointTensor tensor)
            {
                found.Add(new TensorEntry(at.Path, tensor));
            }
            else if (IsContainer(at.Value) && seen.Add(at.Value!))
            {
                children.Clear();
                AddChildren(at.Path, at.Value!, children);
                for (int i = children.Count - 1; i >= 0; i--)
                {
                    open.Push(children[i]);
                }
            }
        }
        return found;
    }

    private static bool IsContainer(object? value) => value is OrderedDictionary<object, object?> or List<object?> or object?[] or PickleObject or PickleSet or NumpyArray;

    private static bool MayHold(object? value) => value is CheckpointTensor || IsContainer(value);

    private static void AddChildren(TensorPath? path, object value, List<(TensorPath? Path, object? Value)> children)
    {
        switch (value)
        {
            case OrderedDictionary<object, object?> dictionary:
                foreach ((object key, object? item) in dictionary)
                {
                    if (MayHold(item))
                    {
                        children.Add((new TensorPath(path, key), item));
                    }
                }
                break;
            case List<object?> list: AddItems(path, list, children); break;
            case object?[] tuple: AddItems(path, tuple, children); break;
            case PickleSet set: AddItems(path, set.Items, children); break;
            case NumpyArray array: children.Add((path, array.Data)); break;
            case PickleObject obj:
                children.Add((path, obj.State));
                AddItems(path, obj.Arguments, children);
                break;
        }
    }

    private static void AddItems(TensorPath? path, IReadOnlyList<object?> items, List<(TensorPath? Path, object? Value)> children)
    {
        for (int i = 0; i < items.Count; i++)
        {
            if (MayHold(items[i]))
            {
                children.Add((new TensorPath(path, (long)i), items[i]));
            }
        }
    }
}
