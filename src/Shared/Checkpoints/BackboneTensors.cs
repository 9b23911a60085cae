
namespace ClusterBench.Checkpoints;

/// <summary>A tensor of the backbone under its own name.</summary>
/// <param name="Name">Without prefix, e.g. <c>layer1.0.conv1.weight</c>.</param>
/// <param name="NameInFile">As the checkpoint has it.</param>
public sealed record BackboneTensor(string Name, string NameInFile, CheckpointTensor Tensor);

/// <summary>Entries that do not belong to the backbone.</summary>
/// <param name="Prefix">What their names begin with, e.g. <c>neck.</c></param>
public sealed record DroppedEntries(string Prefix, int Count);

/// <summary>
/// The backbone in a checkpoint of self-supervised training, or in a file that holds it already: which tensors belong to it, and under
/// which names. docs/checkpoints.md has the layouts.
/// </summary>
public sealed class BackboneTensors
{
    private BackboneTensors(string? container, string prefix, IReadOnlyList<BackboneTensor> kept, IReadOnlyList<DroppedEntries> dropped) =>
        (Container, Prefix, Kept, Dropped) = (container, prefix, kept, dropped);

    /// <summary>The key of the dictionary that holds the weights (<c>state_dict</c>); null where it is the file's root.</summary>
    public string? Container { get; }

    /// <summary>What was taken off the names, e.g. <c>module.encoder_q.0.</c>; empty if nothing.</summary>
    public string Prefix { get; }

    /// <summary>The layout in words, e.g. <c>state_dict with prefix 'backbone.'</c>.</summary>
    public string Layout => $"{(Container is null ? "bare state_dict" : Container)} {(Prefix.Length == 0 ? "without a prefix" : $"with prefix '{Prefix}'")}";

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<BackboneTensor> Kept { get; }

    /// <summary>By prefix, in the file's order.</summary>
    public IReadOnlyList<DroppedEntries> Dropped { get; }

    /// <exception cref="CheckpointException">No backbone, or more than one; the message lists the prefixes that there are.</exception>
    public static BackboneTensors Find(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var refuse = new Refusals(checkpoint.Path);
        (string? container, OrderedDictionary<object, object?> weights) = FindWeights(checkpoint.Root, refuse);
        var names = BackboneNames.Of(weights, refuse);
        string prefix = names.FindPrefix();
        var kept = new List<BackboneTensor>();
        var dropped = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        foreach (WeightName weight in names.All)
        {
            string? name = weight.Tensor is null ? null : BackboneNames.NameIn(prefix, weight.Name);
            if (name is not null)
            {
                kept.Add(new BackboneTensor(name, weight.NameInFile, weight.Tensor!));
            }
            else
            {
                string group = BackboneNames.GroupOf(prefix, weight);
                dropped[group] = dropped.GetValueOrDefault(group) + 1;
            }
        }
        string module = kept.Exists(k => k.NameInFile.StartsWith(BackboneNames.Module, StringComparison.Ordinal)) ? BackboneNames.Module : "";
        return new BackboneTensors(container, module + prefix, kept, [.. dropped.Select(d => new DroppedEntries(d.Key, d.Value))]);
    }

    private static (string? Container, OrderedDictionary<object, object?> Weights) FindWeights(object? root, Refusals refuse)
    {
        if (root is not OrderedDictionary<object, object?> dictionary)
        {
            string what = root is CheckpointTensor ? "a single tensor" : "no dictionary";
            throw refuse.Because(CheckpointFault.NoBackbone, $"it holds {what}, so its tensors have no names", "Give a file with a state_dict: names and tensors.");
        }
        if (dictionary.TryGetValue("state_dict", out object? inner))
        {
            return inner is OrderedDictionary<object, object?> weights ? ("state_dict", weights)
                : throw refuse.Because(CheckpointFault.NoBackbone, "its state_dict is no dictionary of names and tensors");
        }
        return dictionary.Values.Any(value => value is CheckpointTensor) ? (null, dictionary)
            : throw refuse.Because(CheckpointFault.NoBackbone, $"it has no state_dict and no tensors at the top; at the top are: {string.Join(", ", dictionary.Keys.Take(12))}");
    }
}
