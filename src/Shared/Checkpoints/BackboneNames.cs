
namespace ClusterBench.Checkpoints;

/// <summary>One entry of a state_dict; <paramref name="Tensor"/> is null where the value is something else.</summary>
/// <param name="Name">Without a leading <c>module.</c></param>
internal sealed record WeightName(string NameInFile, string Name, CheckpointTensor? Tensor);

/// <summary>The names of a state_dict, and which of them are a backbone's.</summary>
internal sealed class BackboneNames
{
    /// <summary>DataParallel and DistributedDataParallel put this in front of every name.</summary>
    public const string Module = "module.";

    private const string Plain = "";
    private static readonly string[] Prefixes = ["backbone.", "encoder_q.", "encoder."];

    /// <summary>Parts of a network that come behind its backbone; a name with one of these as its first part is not the backbone's.</summary>
    private static readonly HashSet<string> Behind = new(StringComparer.Ordinal)
    {
        "fc", "head", "heads", "classifier", "neck", "projector", "projection", "projection_head", "predictor", "queue", "queue_ptr",
    };

    /// <summary>First parts of the first layers of image networks: without a prefix one of them has to be there.</summary>
    private static readonly HashSet<string> Stems = new(StringComparer.Ordinal) { "conv1", "stem", "patch_embed", "downsample_layers", "features", "cls_token" };

    private readonly Refusals _refuse;

    private BackboneNames(List<WeightName> all, Refusals refuse) => (All, _refuse) = (all, refuse);

    public List<WeightName> All { get; }

    public static BackboneNames Of(OrderedDictionary<object, object?> weights, Refusals refuse)
    {
        var all = new List<WeightName>();
        var byName = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((object key, object? value) in weights)
        {
            string inFile = key as string ?? $"({key})";
            string name = inFile.StartsWith(Module, StringComparison.Ordinal) ? inFile[Module.Length..] : inFile;
            if (!byName.TryAdd(name, inFile))
            {
                throw refuse.Because(CheckpointFault.Ambiguous, $"'{byName[name]}' and '{inFile}' are the same name once '{Module}' is taken off", "Save the network alone, without its DataParallel copy.");
            }
            all.Add(new WeightName(inFile, name, key is string ? value as CheckpointTensor : null));
        }
        return new BackboneNames(all, refuse);
    }

    /// <summary>The prefix (without <c>module.</c>) behind which the backbone stands; empty if it stands without one.</summary>
    public string FindPrefix()
    {
        List<string> found = [.. Prefixes.Where(prefix => Tensors().Any(w => w.Name.StartsWith(prefix, StringComparison.Ordinal))).Select(WithSequence)];
        if (found.Count == 0)
        {
            return Tensors().Any(w => Stems.Contains(FirstPart(w.Name))) ? Plain : throw Nothing("no backbone was found in it");
        }
        foreach (string other in found.Skip(1))
        {
            if (!SameTensors(found[0], other))
            {
                throw _refuse.Because(CheckpointFault.Ambiguous, $"it holds different networks under '{found[0]}' and '{other}'; the prefixes in it are: {Listing()}", "Save the one that you mean under a name of its own.");
            }
        }
        return Tensors().Any(w => NameIn(found[0], w.Name) is not null) ? found[0] : throw Nothing($"under '{found[0]}' are no layers of a backbone");
    }

    /// <summary>The backbone's own name for a tensor; null if it is not the backbone's.</summary>
    public static string? NameIn(string prefix, string name) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) && !Behind.Contains(FirstPart(name[prefix.Length..])) ? name[prefix.Length..] : null;

    /// <summary>What dropped entries are counted under: as long as the prefix needs to tell them from the backbone, one part else.</summary>
    public static string GroupOf(string prefix, WeightName weight)
    {
        string stem = prefix;
        while (stem.Length > 0 && !weight.Name.StartsWith(stem, StringComparison.Ordinal))
        {
            stem = stem[..(stem.LastIndexOf('.', stem.Length - 2) + 1)];
        }
        string rest = weight.Name[stem.Length..];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        string module = weight.NameInFile.Length > weight.Name.Length ? Module : "";
        return module + stem + (dot < 0 ? rest : rest[..(dot + 1)]);
    }

    private IEnumerable<WeightName> Tensors() => All.Where(w => w.Tensor is not null);

    /// <summary>MoCo as mmselfsup has it is Sequential(backbone, neck): the backbone is its part 0.</summary>
    private string WithSequence(string prefix)
    {
        if (prefix == "backbone.")
        {
            return prefix;
        }
        string[] inside = [.. Tensors().Where(w => w.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(w => w.Name[prefix.Length..])];
        if (!inside.Any(name => char.IsAsciiDigit(name.FirstOrDefault())))
        {
            return prefix;
        }
        string[] first = [.. inside.Where(name => name.StartsWith("0.", StringComparison.Ordinal))];
        bool sequence = first.Length > 0 && inside.All(name => char.IsAsciiDigit(name.FirstOrDefault())) && first.All(name => name.IndexOf('.', 2) > 0 || Stems.Contains(name[2..]));
        return sequence ? $"{prefix}0." : throw Nothing($"the names under '{prefix}' are numbers of layers, not a backbone and its neck, so they cannot be told apart");
    }

    /// <summary>Two names of one network (mmselfsup's MoCo keeps its backbone under both): every tensor looks at the same elements.</summary>
    private bool SameTensors(string one, string other)
    {
        Dictionary<string, CheckpointTensor> a = Under(one), b = Under(other);
        return a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out CheckpointTensor? t) && t.Storage == p.Value.Storage && t.Offset == p.Value.Offset && t.Shape.SequenceEqual(p.Value.Shape) && t.Stride.SequenceEqual(p.Value.Stride));
    }

    private Dictionary<string, CheckpointTensor> Under(string prefix) =>
        Tensors().Where(w => NameIn(prefix, w.Name) is not null).ToDictionary(w => w.Name[prefix.Length..], w => w.Tensor!, StringComparer.Ordinal);

    private CheckpointException Nothing(string what) =>
        _refuse.Because(CheckpointFault.NoBackbone, $"{what}; the prefixes in it are: {Listing()}", $"Read are {string.Join(" ", Prefixes)} (also behind {Module}) and names without a prefix; rename the keys in PyTorch or give another file.");

    private string Listing()
    {
        var groups = All.GroupBy(w => GroupOf("", w), StringComparer.Ordinal).ToList();
        return string.Join(", ", groups.Take(12).Select(g => $"{g.Key} ({g.Count()})")) + (groups.Count > 12 ? $" and {groups.Count - 12} more" : "");
    }

    private static string FirstPart(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? name : name[..dot];
    }
}
