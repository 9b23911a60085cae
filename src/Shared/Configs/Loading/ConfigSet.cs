namespace ClusterBench.Configs;

/// <summary>One <c>--set key.path=value</c>; the value is YAML, so <c>[1, 2]</c> and <c>{a: 1}</c> work.</summary>
/// <param name="Keys">The path's parts; a whole number counts in a list, from 0.</param>
public sealed record ConfigSet(IReadOnlyList<string> Keys, ConfigNode Value)
{
    /// <summary>Where errors about it point.</summary>
    public const string Source = "--set";

    public string Path => string.Join('.', Keys);

    /// <summary>Reads every option; null stands for none that is right.</summary>
    internal static IReadOnlyList<ConfigSet> Parse(IEnumerable<string> options, ConfigErrors errors) =>
        [.. options.Select(o => Parse(o, errors)).OfType<ConfigSet>()];

    private static ConfigSet? Parse(string option, ConfigErrors errors)
    {
        var at = ConfigPosition.Of(Source);
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var keys = equals < 0 ? [] : option[..equals].Trim().Split('.');
        if (keys.Length == 0 || keys.Length > YamlReader.MaxDepth || keys.Any(string.IsNullOrWhiteSpace))
        {
            errors.Add(at, "", $"'{option}' is not of the form key.path=value");
            return null;
        }
        var before = errors.All.Count;
        var value = YamlReader.Read(option[(equals + 1)..], Source, errors, positions: false);
        if (errors.All.Count > before || value is null)
        {
            return null;
        }
        return new ConfigSet(keys, value);
    }

    /// <summary>The option as a mapping that can be laid over a config.</summary>
    internal ConfigMap AsMap()
    {
        var at = ConfigPosition.Of(Source);
        var node = Value;
        foreach (var key in Keys.Reverse())
        {
            node = new ConfigMap(at, [new ConfigEntry(key, at, node)]);
        }
        return (ConfigMap)node;
    }
}
