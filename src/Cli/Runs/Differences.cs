using ClusterBench.Api;
using YamlDotNet.RepresentationModel;

namespace ClusterBench.Cli.Runs;

/// <summary>What tells two runs apart, one line per value.</summary>
internal static class Differences
{
    private const int Shown = 12;

    /// <param name="known">The run that a folder belongs to.</param>
    /// <param name="wanted">The run that was asked for.</param>
    public static IReadOnlyList<string> Between(RunSubmission known, RunSubmission wanted)
    {
        var lines = new List<string>();
        if (known.Benchmark != wanted.Benchmark)
            lines.Add($"benchmark: {known.Benchmark} there, {wanted.Benchmark} now");
        Files("checkpoint", known.Checkpoint, wanted.Checkpoint);
        foreach (string split in known.Lists.Keys.Union(wanted.Lists.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            Files($"list of {split}", known.Lists.GetValueOrDefault(split), wanted.Lists.GetValueOrDefault(split));
        SortedDictionary<string, string> before = Values(known.ConfigText), after = Values(wanted.ConfigText);
        foreach (string key in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            string there = before.GetValueOrDefault(key, "(absent)"), now = after.GetValueOrDefault(key, "(absent)");
            if (there != now)
                lines.Add($"{key}: {there} there, {now} now");
        }
        return lines.Count <= Shown ? lines : [.. lines.Take(Shown), $"... and {lines.Count - Shown} more"];

        void Files(string what, InputFile? there, InputFile? now)
        {
            if (there?.Sha256 != now?.Sha256)
                lines.Add($"{what}: {Named(there)} there, {Named(now)} now");
        }
    }

    private static string Named(InputFile? file) => file is null ? "none" : $"{file.Path} (SHA-256 {file.Sha256[..Math.Min(12, file.Sha256.Length)]})";

    /// <summary>Every scalar of a canonical config text by its dotted key.</summary>
    private static SortedDictionary<string, string> Values(string text)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        foreach (YamlDocument document in stream.Documents)
            Walk("", document.RootNode);
        return values;

        void Walk(string path, YamlNode node)
        {
            switch (node)
            {
                case YamlMappingNode map:
                    foreach ((YamlNode key, YamlNode value) in map.Children)
                        Walk(path.Length == 0 ? key.ToString() : $"{path}.{key}", value);
                    break;
                case YamlSequenceNode { Children: var items } when items.All(item => item is YamlScalarNode):
                    values[path] = $"[{string.Join(", ", items)}]";
                    break;
                case YamlSequenceNode list:
                    for (int i = 0; i < list.Children.Count; i++)
                        Walk(FormattableString.Invariant($"{path}[{i}]"), list.Children[i]);
                    break;
                default:
                    values[path] = node.ToString();
                    break;
            }
        }
    }
}
