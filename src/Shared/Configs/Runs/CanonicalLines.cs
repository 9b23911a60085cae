using System.Globalization;
using System.Text;

namespace ClusterBench.Configs;

/// <summary>Lines of a canonical config text: two blanks per level, one form for every value.</summary>
internal sealed class CanonicalLines(string header)
{
    private readonly StringBuilder _text = new(header);

    /// <summary>A key with its value, or without one the head of a mapping.</summary>
    public void Line(int depth, string key, string value = "") =>
        _text.Append(' ', depth * 2).Append(key).Append(value.Length > 0 ? ": " : ":").Append(value).Append('\n');

    public void Item(int depth, string value) => _text.Append(' ', depth * 2).Append("- ").Append(value).Append('\n');

    public void Line(int depth, string key, int value) => Line(depth, key, Number(value));

    public void Line(int depth, string key, double value) => Line(depth, key, ConfigNumbers.Text(value));

    public void Line(int depth, string key, bool value) => Line(depth, key, value ? "true" : "false");

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Numbers(IEnumerable<int> values) => $"[{string.Join(", ", values.Select(Number))}]";

    public static string Numbers(IEnumerable<double> values) => $"[{string.Join(", ", values.Select(ConfigNumbers.Text))}]";

    public override string ToString() => _text.ToString();
}
