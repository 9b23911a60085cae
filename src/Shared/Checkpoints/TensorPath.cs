using System.Globalization;

namespace ClusterBench.Checkpoints;

/// <summary>Where a tensor hangs in the object graph: dictionary keys and list indices from the root, as a chain towards it.</summary>
public sealed class TensorPath
{
    internal TensorPath(TensorPath? parent, object key) => (Parent, Key) = (parent, key);

    public TensorPath? Parent { get; }

    /// <summary>A dictionary key (mostly a string) or a list index (<see cref="long"/>).</summary>
    public object Key { get; }

    /// <summary>All keys joined by dots, e.g. <c>state_dict.backbone.conv1.weight</c>.</summary>
    public override string ToString()
    {
        var keys = new List<string>();
        for (TensorPath? at = this; at is not null; at = at.Parent)
        {
            keys.Add(Convert.ToString(at.Key, CultureInfo.InvariantCulture) ?? "");
        }
        keys.Reverse();
        return string.Join('.', keys);
    }
}

/// <param name="Path">Null for a tensor that is the root itself.</param>
public sealed record TensorEntry(TensorPath? Path, CheckpointTensor Tensor);
