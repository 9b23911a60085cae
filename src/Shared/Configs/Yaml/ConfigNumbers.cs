using System.Globalization;
using System.Text.RegularExpressions;

namespace ClusterBench.Configs;

/// <summary>
/// Which type a plain YAML scalar has: YAML 1.1 as PyYAML resolves it, so that users' files mean what they meant, with two
/// deliberate differences: <c>1e-4</c> and <c>-.5</c> are numbers (PyYAML makes them text), and <c>1:30</c> is text (PyYAML makes it 90).
/// </summary>
internal static partial class ConfigNumbers
{
    /// <summary>null, bool, long, double or string.</summary>
    /// <exception cref="OverflowException">An integer does not fit 64 bits.</exception>
    public static object? Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return true;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return false;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                return double.PositiveInfinity;
            case "-.inf" or "-.Inf" or "-.INF":
                return double.NegativeInfinity;
            case ".nan" or ".NaN" or ".NAN":
                return double.NaN;
        }
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return text;
        }
        if (Integer().IsMatch(text))
        {
            return ParseInteger(text.Replace("_", "", StringComparison.Ordinal));
        }
        return Float().IsMatch(text)
            ? double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture)
            : text;
    }

    /// <summary>The shortest text that reads back as the same double and as a double: <c>30.0</c>, <c>0.07</c>, <c>1e-05</c>.</summary>
    public static string Text(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
        }
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny(".E") ? text.Replace("E", "e", StringComparison.Ordinal) : text + ".0";
    }

    private static long ParseInteger(string text)
    {
        var negative = text[0] == '-';
        var digits = text[0] is '-' or '+' ? text[1..] : text;
        var (radix, body) = digits switch
        {
            ['0', 'x', .. var hex] => (16, hex),
            ['0', 'b', .. var binary] => (2, binary),
            ['0', _, ..] => (8, digits),
            _ => (10, digits),
        };
        Int128 value = 0;
        foreach (var c in body)
        {
            value = value * radix + Convert.ToInt32(c.ToString(), 16);
            if (value > (Int128)long.MaxValue + 1)
            {
                throw new OverflowException();
            }
        }
        return checked((long)(negative ? -value : value));
    }

    [GeneratedRegex(@"^[-+]?(0b[01][01_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|0[0-7_]+|0|[1-9][0-9_]*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Float();
}
