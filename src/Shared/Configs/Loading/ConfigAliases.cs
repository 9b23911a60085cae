namespace ClusterBench.Configs;

/// <summary>MMSelfSup's names in a config become OpenMixup's, file by file and before merging, so that both can be mixed.</summary>
internal static class ConfigAliases
{
    /// <summary>Keys of <c>data</c>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Data = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["samples_per_gpu"] = "imgs_per_gpu",
    };

    /// <summary>Keys of <c>data.SPLIT.data_source</c>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Source = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ann_file"] = "list_file",
        ["data_prefix"] = "root",
    };

    /// <summary>Values of <c>data.SPLIT.type</c>.</summary>
    public static readonly IReadOnlyDictionary<string, string> DatasetTypes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SingleViewDataset"] = "ClassificationDataset",
    };

    public static ConfigMap Normalise(ConfigMap root, List<string> notes, ConfigErrors errors) =>
        Change(root, "data", (data, path) => Splits(Rename(data, Data, path, notes, errors), notes, errors));

    private static ConfigMap Splits(ConfigMap data, List<string> notes, ConfigErrors errors) =>
        new(data.At, [.. data.Entries.Select(e => e.Value is ConfigMap split ? e with { Value = Split(split, $"data.{e.Key}", notes, errors) } : e)]);

    private static ConfigMap Split(ConfigMap split, string path, List<string> notes, ConfigErrors errors)
    {
        var renamed = new ConfigMap(split.At, [.. split.Entries.Select(e =>
            e is { Key: "type", Value: ConfigScalar { Value: string name } } && DatasetTypes.TryGetValue(name, out var ours)
                ? e with { Value = new ConfigScalar(e.Value.At, Noted(name, ours, e.Value.At, notes)) }
                : e)]);
        return Change(renamed, "data_source", (source, _) => Rename(source, Source, $"{path}.data_source", notes, errors));
    }

    private static ConfigMap Change(ConfigMap map, string key, Func<ConfigMap, string, ConfigMap> change) =>
        new(map.At, [.. map.Entries.Select(e => e.Key == key && e.Value is ConfigMap inner ? e with { Value = change(inner, key) } : e)]);

    private static ConfigMap Rename(ConfigMap map, IReadOnlyDictionary<string, string> names, string path, List<string> notes, ConfigErrors errors)
    {
        var entries = new List<ConfigEntry>();
        foreach (var entry in map.Entries)
        {
            if (!names.TryGetValue(entry.Key, out var ours))
            {
                entries.Add(entry);
            }
            else if (map.Find(ours) is { } other)
            {
                errors.Add(entry.At, $"{path}.{entry.Key}", $"is another name of '{ours}', which stands at {other.At}; keep one");
            }
            else
            {
                entries.Add(entry with { Key = Noted(entry.Key, ours, entry.At, notes) });
            }
        }
        return new ConfigMap(map.At, entries);
    }

    /// <summary>One note per name and file is enough.</summary>
    private static string Noted(string theirs, string ours, ConfigPosition at, List<string> notes)
    {
        var note = $"{at.Source}: '{theirs}' is read as '{ours}'";
        if (!notes.Contains(note, StringComparer.Ordinal))
        {
            notes.Add(note);
        }
        return ours;
    }
}
