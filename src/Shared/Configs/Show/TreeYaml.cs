using System.Text;

namespace ClusterBench.Configs;

/// <summary>Writes a tree as YAML: block style, but lists and mappings of few plain values on one line.</summary>
internal static class TreeYaml
{
    private const int LineWidth = 100;

    public static string Write(ConfigMap tree)
    {
        var text = new StringBuilder();
        Map(tree, 0, text, indentFirst: true);
        return text.ToString();
    }

    private static void Map(ConfigMap map, int indent, StringBuilder text, bool indentFirst)
    {
        foreach (var entry in map.Entries)
        {
            text.Append(' ', indentFirst ? indent : 0);
            indentFirst = true;
            text.Append(ConfigText.Plain(entry.Key)).Append(':');
            Value(entry.Value, indent + 2, text);
        }
    }

    /// <summary>What follows <c>key:</c> or <c>-</c>, with its line end.</summary>
    private static void Value(ConfigNode node, int indent, StringBuilder text)
    {
        if (Flow(node) is { } flow && (node is ConfigScalar || indent + flow.Length <= LineWidth))
        {
            text.Append(' ').Append(flow).Append('\n');
            return;
        }
        text.Append('\n');
        if (node is ConfigMap map)
        {
            Map(map, indent, text, indentFirst: true);
            return;
        }
        foreach (var item in ((ConfigList)node).Items)
        {
            text.Append(' ', indent).Append('-');
            if (item is ConfigMap { Entries.Count: > 0 } inner)
            {
                text.Append(' ');
                Map(inner, indent + 2, text, indentFirst: false);
            }
            else
            {
                Value(item, indent + 2, text);
            }
        }
    }

    /// <summary>One line, when the node is a scalar, empty, or a list of scalars.</summary>
    private static string? Flow(ConfigNode node) => node switch
    {
        ConfigScalar s => ConfigText.Scalar(s.Value),
        ConfigMap { Entries.Count: 0 } => "{}",
        ConfigList l when l.Items.All(i => i is ConfigScalar) => $"[{string.Join(", ", l.Items.Select(i => Flow(i)))}]",
        _ => null,
    };
}
