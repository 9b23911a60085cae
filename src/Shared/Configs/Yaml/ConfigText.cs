using System.Globalization;
using System.Text;

namespace ClusterBench.Configs;

/// <summary>Writes single values as YAML that reads back as the same value.</summary>
internal static class ConfigText
{
    /// <summary>A scalar in its shortest safe form.</summary>
    public static string Scalar(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        long n => n.ToString(CultureInfo.InvariantCulture),
        double d => ConfigNumbers.Text(d),
        var s => Plain((string)s),
    };

    /// <summary>Text as it is where YAML allows it, else in double quotes.</summary>
    public static string Plain(string text) =>
        text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '_' or '/')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '/' or '.' or '-') && ConfigNumbers.Resolve(text) is string
            ? text
            : Quoted(text);

    /// <summary>Text in double quotes; what YAML does not print is escaped.</summary>
    public static string Quoted(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => result.Append('\\').Append(c),
                '\n' => result.Append("\\n"),
                '\t' => result.Append("\\t"),
                < ' ' or '\x7f' or '\x85' or '\xa0' or '\u2028' or '\u2029' or '\ufeff' => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }
        return result.Append('"').ToString();
    }
}
