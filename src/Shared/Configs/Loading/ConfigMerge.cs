namespace ClusterBench.Configs;

/// <summary>
/// Lays one config over another as mm configs do: a mapping over a mapping merges key by key, anything else replaces; keys keep the
/// base's order, new ones follow. <c>_delete_: true</c> in a mapping drops what the base has there.
/// </summary>
internal static class ConfigMerge
{
    public const string Delete = "_delete_";

    /// <param name="listKeys">A mapping over a list changes its items by index (<c>--set</c>).</param>
    public static ConfigMap Merge(ConfigMap below, ConfigMap over, string path, ConfigErrors errors, bool listKeys = false)
    {
        var entries = below.Entries.ToList();
        foreach (var entry in over.Entries)
        {
            var key = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            var index = entries.FindIndex(e => e.Key == entry.Key);
            if (index < 0)
            {
                entries.Add(entry with { Value = Strip(entry.Value, key, errors) });
            }
            else
            {
                entries[index] = entry with { Value = Lay(entries[index].Value, entry.Value, key, errors, listKeys) };
            }
        }
        // A key that is missing afterwards is to be added in a file, not in an option.
        return new ConfigMap(listKeys ? below.At : over.At, entries);
    }

    /// <summary>The node without the <c>_delete_</c> marks in it, which have nothing to drop.</summary>
    public static ConfigNode Strip(ConfigNode node, string path, ConfigErrors errors)
    {
        switch (node)
        {
            case ConfigMap map:
                Deletes(map, path, errors);
                return new ConfigMap(map.At, [.. map.Entries.Where(e => e.Key != Delete).Select(e => e with { Value = Strip(e.Value, $"{path}.{e.Key}", errors) })]);
            case ConfigList list:
                return new ConfigList(list.At, [.. list.Items.Select((item, i) => Strip(item, $"{path}.{i}", errors))]);
            default:
                return node;
        }
    }

    private static ConfigNode Lay(ConfigNode below, ConfigNode over, string path, ConfigErrors errors, bool listKeys)
    {
        if (over is not ConfigMap map || Deletes(map, path, errors))
        {
            return Strip(over, path, errors);
        }
        switch (below)
        {
            case ConfigMap old:
                return Merge(old, map.Without(Delete), path, errors, listKeys);
            case ConfigList list when listKeys && map.Entries.Count > 0:
                return Replace(list, map, path, errors);
            default:
                errors.Add(map.At, path, listKeys
                    ? $"has no keys: it is {below.Describe()} at {below.At}"
                    : $"is a mapping here but {below.Describe()} at {below.At}; add '{Delete}: true' to replace it");
                return over;
        }
    }

    private static ConfigList Replace(ConfigList list, ConfigMap map, string path, ConfigErrors errors)
    {
        var items = list.Items.ToList();
        foreach (var entry in map.Entries)
        {
            if (!int.TryParse(entry.Key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var i) || i >= items.Count)
            {
                errors.Add(entry.At, $"{path}.{entry.Key}", items.Count == 0
                    ? "no such item: the list is empty"
                    : $"no such item: the list's items are 0 to {items.Count - 1}");
                continue;
            }
            items[i] = Lay(items[i], entry.Value, $"{path}.{i}", errors, listKeys: true);
        }
        return new ConfigList(list.At, items);
    }

    private static bool Deletes(ConfigMap map, string path, ConfigErrors errors)
    {
        if (map.Find(Delete) is not { } mark)
        {
            return false;
        }
        if (mark.Value is ConfigScalar { Value: bool yes })
        {
            return yes;
        }
        errors.Add(mark.Value.At, $"{path}.{Delete}", $"must be true or false, is {mark.Value.Describe()}");
        return false;
    }
}
