namespace ClusterBench.Cluster;

/// <summary>Finds what Akka's parser lets pass in silence: braces, brackets and quotes without their other half, as a cut-off file has.</summary>
internal static class HoconBalance
{
    /// <summary>What is wrong and in which line (from 1); null when nothing is.</summary>
    public static (int Line, string Error)? Check(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when Next(text, i) == '/':
                    i = EndOfLine(text, i) - 1;
                    break;
                case '"':
                    var end = EndOfString(text, i);
                    if (end < 0)
                    {
                        return (line, "a quote is never closed");
                    }

                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end;
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var begin) || begin.Bracket != (text[i] == '}' ? '{' : '['))
                    {
                        return (line, $"'{text[i]}' closes nothing");
                    }

                    break;
            }
        }

        return open.TryPop(out var left) ? (left.Line, $"'{left.Bracket}' is never closed") : null;
    }

    private static char Next(string text, int i) => i + 1 < text.Length ? text[i + 1] : '\0';

    private static int EndOfLine(string text, int from) => text.IndexOf('\n', from) is var end and >= 0 ? end : text.Length;

    /// <summary>Index of the string's last quote, negative when it has none; a plain string ends in its line.</summary>
    private static int EndOfString(string text, int start)
    {
        if (string.CompareOrdinal(text, start, "\"\"\"", 0, 3) == 0)
        {
            var close = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            return close < 0 ? -1 : close + 2;
        }

        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i;
            }
        }

        return -1;
    }
}
