namespace ClusterBench.Configs;

/// <summary>A value of a config with the place where it was written. Nodes never change: merging makes new ones.</summary>
public abstract class ConfigNode(ConfigPosition at)
{
    public ConfigPosition At { get; } = at;

    /// <summary>Nodes of the tree below, aliases counted as often as they are used.</summary>
    public abstract int Weight { get; }

    /// <summary>The value in words, for an error text.</summary>
    public abstract string Describe();
}

/// <summary>A single value.</summary>
/// <param name="value">null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/> or <see cref="string"/>.</param>
public sealed class ConfigScalar(ConfigPosition at, object? value) : ConfigNode(at)
{
    public object? Value { get; } = value;

    public override int Weight => 1;

    public override string Describe() => Value switch
    {
        null => "null",
        string s => $"the text '{(s.Length > 60 ? s[..60] + "..." : s)}'",
        bool b => b ? "true" : "false",
        long n => $"the number {n}",
        var d => $"the number {ConfigNumbers.Text((double)d)}",
    };
}

public sealed class ConfigList(ConfigPosition at, IReadOnlyList<ConfigNode> items) : ConfigNode(at)
{
    public IReadOnlyList<ConfigNode> Items { get; } = items;

    public override int Weight { get; } = 1 + items.Sum(i => i.Weight);

    public override string Describe() => $"a list of {Items.Count}";
}

/// <summary>One key of a mapping; <paramref name="At"/> is the key's place, the value has its own.</summary>
public sealed record ConfigEntry(string Key, ConfigPosition At, ConfigNode Value);

/// <summary>Keys and values in the order they were written; a key stands once.</summary>
public sealed class ConfigMap : ConfigNode
{
    private readonly Dictionary<string, ConfigEntry> _byKey;

    public ConfigMap(ConfigPosition at, IReadOnlyList<ConfigEntry> entries) : base(at)
    {
        Entries = entries;
        _byKey = entries.ToDictionary(e => e.Key, StringComparer.Ordinal);
        Weight = 1 + entries.Sum(e => e.Value.Weight);
    }

    public IReadOnlyList<ConfigEntry> Entries { get; }

    public override int Weight { get; }

    /// <summary>The entry of that key, or null.</summary>
    public ConfigEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>This mapping without some keys.</summary>
    public ConfigMap Without(params string[] keys) => new(At, [.. Entries.Where(e => !keys.Contains(e.Key, StringComparer.Ordinal))]);

    public override string Describe() => $"a mapping of {Entries.Count}";
}
