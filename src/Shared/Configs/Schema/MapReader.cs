namespace ClusterBench.Configs;

/// <summary>
/// Reads one mapping of a config by its schema: each key that is asked for is a known key, a value of another type is an error with
/// its place, and <see cref="Done"/> reports the keys that nobody asked for. A null value of an optional key means "not given".
/// </summary>
internal sealed class MapReader(ConfigMap map, string path, ConfigErrors errors)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public ConfigPosition At => map.At;

    public string Path => path;

    public ConfigErrors Errors => errors;

    /// <summary>The keys that the mapping has, in their order.</summary>
    public IEnumerable<string> Keys => map.Entries.Select(e => e.Key);

    public string Key(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>The place of a key's value, or of the mapping where the key is missing.</summary>
    public ConfigPosition Place(string key) => map.Find(key)?.Value.At ?? map.At;

    public void Fail(string key, string what) => errors.Add(Place(key), Key(key), what);

    /// <summary>The value of a key; null when it is absent or null.</summary>
    public ConfigNode? Take(string key, bool required = false)
    {
        _known.Add(key);
        var node = map.Find(key)?.Value;
        if (node is null or ConfigScalar { Value: null })
        {
            if (required)
            {
                errors.Add(node?.At ?? map.At, Key(key), node is null ? "is missing" : "must have a value, is null");
            }
            return null;
        }
        return node;
    }

    public string? Text(string key, bool required = false)
    {
        var node = Take(key, required);
        if (node is ConfigScalar { Value: string { Length: > 0 } text } && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }
        if (node is not null)
        {
            Fail(key, $"must be text, is {(node is ConfigScalar { Value: "" } ? "empty" : node is ConfigScalar { Value: string } ? "text with a zero byte" : node.Describe())}");
        }
        return null;
    }

    /// <summary>One of some names; another is an error that names the nearest or all.</summary>
    public string? Name(string key, IReadOnlyCollection<string> known, string kind, bool required = false)
    {
        var name = Text(key, required);
        if (name is not null && !known.Contains(name, StringComparer.Ordinal))
        {
            var near = NearestName.Of(name, known);
            Fail(key, $"unknown {kind} '{name}'; {(near is null ? "" : $"did you mean '{near}'? ")}known: {string.Join(", ", known)}");
            return null;
        }
        return name;
    }

    public bool? Bool(string key)
    {
        var node = Take(key);
        if (node is null or ConfigScalar { Value: bool })
        {
            return (bool?)((ConfigScalar?)node)?.Value;
        }
        Fail(key, $"must be true or false, is {node.Describe()}");
        return null;
    }

    public int? Int(string key, int min = int.MinValue, int max = int.MaxValue, bool required = false) =>
        Take(key, required) is { } node ? Int(node, Key(key), min, max) : null;

    public double? Number(string key, bool required = false) => Take(key, required) is { } node ? Number(node, Key(key)) : null;

    public IReadOnlyList<ConfigNode>? List(string key, bool required = false)
    {
        switch (Take(key, required))
        {
            case null:
                return null;
            case ConfigList list:
                return list.Items;
            case var node:
                Fail(key, $"must be a list, is {node.Describe()}");
                return null;
        }
    }

    /// <summary>A list of whole numbers; null when any is wrong.</summary>
    public IReadOnlyList<int>? Ints(string key, int min = int.MinValue, bool required = false) =>
        Each(List(key, required), key, (node, at) => Int(node, at, min, int.MaxValue));

    public IReadOnlyList<double>? Numbers(string key, bool required = false) => Each(List(key, required), key, Number);

    /// <summary>A list of names.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        var texts = List(key)?.Select((node, i) =>
        {
            if (node is ConfigScalar { Value: string { Length: > 0 } text })
            {
                return text;
            }
            errors.Add(node.At, $"{Key(key)}.{i}", $"must be text, is {node.Describe()}");
            return null;
        }).ToList();
        return texts?.TrueForAll(t => t is not null) == true ? texts.ConvertAll(t => t!) : null;
    }

    public MapReader? Map(string key, bool required = false) => Take(key, required) is { } node ? Of(node, Key(key), errors) : null;

    /// <summary>A reader of a node, which must be a mapping.</summary>
    public static MapReader? Of(ConfigNode node, string path, ConfigErrors errors)
    {
        if (node is ConfigMap map)
        {
            return new MapReader(map, path, errors);
        }
        errors.Add(node.At, path, $"must be a mapping, is {node.Describe()}");
        return null;
    }

    /// <summary>Every key that was not asked for is an error. A <c>--set</c> may have meant a key that is there already.</summary>
    public void Done()
    {
        foreach (var entry in map.Entries.Where(e => !_known.Contains(e.Key)))
        {
            errors.AddUnknown(entry.At, Key(entry.Key), "unknown key", entry.Key, Candidates(entry));
        }
    }

    private IEnumerable<string> Candidates(ConfigEntry entry)
    {
        var absent = _known.Where(k => map.Find(k) is null);
        return entry.At.Source == ConfigSet.Source && NearestName.Of(entry.Key, absent) is null && NearestName.Of(entry.Key, _known) is { } there ? [there] : absent;
    }

    public int? Int(ConfigNode node, string at, int min, int max)
    {
        if (node is not ConfigScalar { Value: long value })
        {
            errors.Add(node.At, at, $"must be a whole number, is {node.Describe()}");
            return null;
        }
        if (value < min || value > max)
        {
            errors.Add(node.At, at, $"must be {(max == int.MaxValue ? $"at least {min}" : min == int.MinValue ? $"at most {max}" : $"from {min} to {max}")}, is {value}");
            return null;
        }
        return (int)value;
    }

    private double? Number(ConfigNode node, string at)
    {
        // mm configs write 12 and 30. for the same thing: a whole number is a number.
        var value = node is ConfigScalar { Value: long n } ? n : node is ConfigScalar { Value: double d } ? d : double.NaN;
        if (double.IsFinite(value))
        {
            return value;
        }
        errors.Add(node.At, at, $"must be a finite number, is {node.Describe()}");
        return null;
    }

    private List<T>? Each<T>(IReadOnlyList<ConfigNode>? nodes, string key, Func<ConfigNode, string, T?> read)
        where T : struct
    {
        var values = nodes?.Select((node, i) => read(node, $"{Key(key)}.{i}")).ToList();
        return values?.TrueForAll(v => v is not null) == true ? values.ConvertAll(v => v!.Value) : null;
    }
}
