using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClusterBench.Configs;

/// <summary>The state of <see cref="YamlReader"/>: open containers, anchors, and the finished root.</summary>
internal sealed class YamlTreeBuilder(Func<Mark, ConfigPosition> at)
{
    private readonly Stack<Open> _open = new();
    private readonly Dictionary<string, ConfigNode?> _anchors = new(StringComparer.Ordinal);
    private int _documents;

    public ConfigNode? Root { get; private set; }

    public void Accept(ParsingEvent e)
    {
        switch (e)
        {
            case DocumentStart when ++_documents > 1:
                throw new YamlProblem(at(e.Start), "", "a second document starts here; a config is one document");
            case MappingStart m:
                RefuseTag(m, "tag:yaml.org,2002:map");
                Push(new Open(m, IsMap: true));
                break;
            case SequenceStart s:
                RefuseTag(s, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:python/tuple", "!!python/tuple");
                Push(new Open(s, IsMap: false));
                break;
            case MappingEnd or SequenceEnd:
                Close(_open.Pop(), e);
                break;
            case Scalar scalar when _open.TryPeek(out var top) && top is { IsMap: true, Key: null }:
                top.Key = scalar;
                Remember(scalar, new ConfigScalar(at(scalar.Start), scalar.Value));
                break;
            case Scalar scalar:
                Put(Remember(scalar, new ConfigScalar(at(scalar.Start), Value(scalar))), scalar);
                break;
            case AnchorAlias alias:
                Put(_anchors.GetValueOrDefault(alias.Value.Value)
                    ?? throw new YamlProblem(at(alias.Start), PathHere(), $"the alias '*{alias.Value.Value}' names no finished anchor"), alias);
                break;
        }
    }

    private void Push(Open open)
    {
        if (_open.Count >= YamlReader.MaxDepth)
        {
            throw new YamlProblem(at(open.Start.Start), "", $"is nested deeper than {YamlReader.MaxDepth} levels");
        }
        if (_open.TryPeek(out var top) && top is { IsMap: true, Key: null })
        {
            throw new YamlProblem(at(open.Start.Start), PathHere(), "a key must be a single name");
        }
        if (!open.Start.Anchor.IsEmpty)
        {
            // Until it is finished: an alias to itself would make an endless tree.
            _anchors[open.Start.Anchor.Value] = null;
        }
        _open.Push(open);
    }

    private void Close(Open open, ParsingEvent e)
    {
        ConfigNode node = open.IsMap ? new ConfigMap(at(open.Start.Start), Merged(open)) : new ConfigList(at(open.Start.Start), open.Items);
        Put(Remember(open.Start, node), e);
    }

    private void Put(ConfigNode node, ParsingEvent e)
    {
        if (!_open.TryPeek(out var top))
        {
            Root = node;
            return;
        }
        if ((top.Weight += node.Weight) > YamlReader.MaxNodes)
        {
            throw new YamlProblem(at(e.Start), "", $"unfolds to more than {YamlReader.MaxNodes} values");
        }
        if (!top.IsMap)
        {
            top.Items.Add(node);
            return;
        }
        var key = top.Key ?? throw new YamlProblem(at(e.Start), PathHere(), "a key must be a single name");
        if (!top.Keys.TryAdd(key.Value, at(key.Start)))
        {
            throw new YamlProblem(at(key.Start), PathHere(), $"the key stands twice (first at line {top.Keys[key.Value].Line}); keep one");
        }
        top.Entries.Add(new ConfigEntry(key.Value, at(key.Start), node));
        top.Key = null;
    }

    /// <summary>YAML 1.1's merge key: <c>&lt;&lt;: *base</c> adds the keys that are not written out.</summary>
    private List<ConfigEntry> Merged(Open open)
    {
        var merge = open.Entries.Find(e => e.Key == "<<");
        if (merge is null)
        {
            return open.Entries;
        }
        var sources = merge.Value is ConfigList list ? list.Items : [merge.Value];
        var own = open.Entries.Where(e => e.Key != "<<").ToList();
        var result = new List<ConfigEntry>();
        foreach (var source in sources)
        {
            var map = source as ConfigMap ?? throw new YamlProblem(merge.At, PathHere(), $"'<<' takes a mapping or a list of mappings, not {source.Describe()}");
            result.AddRange(map.Entries.Where(e => !open.Keys.ContainsKey(e.Key) && result.TrueForAll(r => r.Key != e.Key)));
        }
        return [.. result, .. own];
    }

    private ConfigNode Remember(NodeEvent e, ConfigNode node)
    {
        if (!e.Anchor.IsEmpty)
        {
            _anchors[e.Anchor.Value] = node;
        }
        return node;
    }

    private object? Value(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal);
        var resolved = scalar.Style == ScalarStyle.Plain || tag is not ("" or "!!str") ? Number(scalar) : scalar.Value;
        return tag switch
        {
            "" => resolved,
            "!!str" => scalar.Value,
            "!!int" when resolved is long => resolved,
            "!!float" when resolved is double => resolved,
            "!!float" when resolved is long n => (double)n,
            "!!bool" when resolved is bool => resolved,
            "!!null" when resolved is null => null,
            _ => throw new YamlProblem(at(scalar.Start), PathHere(), $"the tag '{tag}' cannot be read here; write the value without it"),
        };
    }

    private object? Number(Scalar scalar)
    {
        try
        {
            return ConfigNumbers.Resolve(scalar.Value);
        }
        catch (OverflowException)
        {
            throw new YamlProblem(at(scalar.Start), PathHere(), "is a whole number beyond 64 bits");
        }
    }

    private void RefuseTag(NodeEvent e, params string[] known)
    {
        if (!e.Tag.IsEmpty && !e.Tag.IsNonSpecific && !known.Contains(e.Tag.Value, StringComparer.Ordinal))
        {
            throw new YamlProblem(at(e.Start), PathHere(), $"the tag '{e.Tag.Value}' cannot be read here; write the value without it");
        }
    }

    private string PathHere() => string.Join('.', _open.Reverse().Select(o => o.IsMap ? o.Key?.Value : $"{o.Items.Count}").OfType<string>());

    /// <summary>A container whose end has not come yet.</summary>
    private sealed record Open(NodeEvent Start, bool IsMap)
    {
        public List<ConfigNode> Items { get; } = [];
        public List<ConfigEntry> Entries { get; } = [];
        public Dictionary<string, ConfigPosition> Keys { get; } = new(StringComparer.Ordinal);
        public Scalar? Key { get; set; }
        public int Weight { get; set; }
    }
}
