using System.Globalization;
using System.Numerics;
using System.Text;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>Numbers and quoted texts of the old, textual opcodes, and two's complement numbers of any length.</summary>
internal static class PickleNumbers
{
    /// <summary>INT: decimal, or 00 and 01 for the truth values.</summary>
    public static object Int(ref PickleInput input)
    {
        string text = input.AsciiLine();
        return text switch { "00" => false, "01" => true, _ => Decimal(ref input, text) };
    }

    /// <summary>LONG: decimal with an optional L behind it.</summary>
    public static object Long(ref PickleInput input)
    {
        string text = input.AsciiLine();
        return Decimal(ref input, text.EndsWith('L') ? text[..^1] : text);
    }

    public static object Float(ref PickleInput input)
    {
        string text = input.AsciiLine();
        return text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" or "-nan" => double.NaN,
            _ when text.Length <= PickleLimits.NumberLength && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => throw input.Damaged("a number that cannot be read"),
        };
    }

    /// <summary>LONG1 and LONG4: little-endian two's complement.</summary>
    public static object TwosComplement(ref PickleInput input, ulong length)
    {
        ReadOnlySpan<byte> bytes = input.Take(length);
        if (bytes.Length > PickleLimits.NumberLength)
        {
            throw input.Damaged($"a whole number of {bytes.Length} bytes");
        }
        return Narrow(new BigInteger(bytes));
    }

    /// <summary>An index of PUT and GET.</summary>
    public static uint Index(ref PickleInput input) =>
        uint.TryParse(input.AsciiLine(), NumberStyles.None, CultureInfo.InvariantCulture, out uint index) ? index : throw input.Damaged("a memo index that cannot be read");

    /// <summary>STRING: a Python literal in quotes with backslash escapes.</summary>
    public static string Quoted(ref PickleInput input)
    {
        string text = input.AsciiLine().TrimEnd('\r');
        if (text.Length < 2 || text[0] is not ('\'' or '"') || text[^1] != text[0])
        {
            throw input.Damaged("a text without its quotes");
        }
        return Unescape(ref input, text[1..^1], "nrtabfv\\'\"0x");
    }

    /// <summary>UNICODE: a line where \u and \U escape ("raw-unicode-escape").</summary>
    public static string RawUnicode(ref PickleInput input) => Unescape(ref input, input.AsciiLine(), "uU");

    private static object Decimal(ref PickleInput input, string text) =>
        text.Length <= PickleLimits.NumberLength && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger number)
            ? Narrow(number)
            : throw input.Damaged("a whole number that cannot be read");

    private static object Narrow(BigInteger number) => number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;

    private static string Unescape(ref PickleInput input, string text, string escapes)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length || !escapes.Contains(text[i + 1], StringComparison.Ordinal))
            {
                plain.Append(text[i]);
                continue;
            }
            char kind = text[++i];
            int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits == 0)
            {
                plain.Append(kind switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'a' => '\a', 'b' => '\b', 'f' => '\f', 'v' => '\v', '0' => '\0', _ => kind });
                continue;
            }
            if (i + digits >= text.Length || !int.TryParse(text.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code is < 0 or > 0x10FFFF)
            {
                throw input.Damaged("a text with a broken escape");
            }
            plain.Append(code > 0xFFFF ? char.ConvertFromUtf32(code) : ((char)code).ToString());
            i += digits;
        }
        return plain.ToString();
    }
}
