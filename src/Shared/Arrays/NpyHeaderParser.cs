using System.Globalization;

namespace ClusterBench.Arrays;

/// <summary>Reads the dictionary in a .npy header: the three keys, in any order, with literals only.</summary>
internal sealed class NpyHeaderParser(string text, string file)
{
    private int _at;

    public (string Descr, bool FortranOrder, long[] Shape) Parse()
    {
        string? descr = null;
        bool? fortran = null;
        long[]? shape = null;
        Expect('{');
        while (!Take('}'))
        {
            string key = Text();
            Expect(':');
            switch (key)
            {
                case "descr" when descr is null: descr = Text(); break;
                case "fortran_order" when fortran is null: fortran = Flag(); break;
                case "shape" when shape is null: shape = Sizes(); break;
                default: throw Damaged($"the key '{key}' is unknown or there twice");
            }
            if (!Take(','))
            {
                Expect('}');
                break;
            }
        }
        if (Peek() != '\0' || descr is null || fortran is null || shape is null)
        {
            throw Damaged("it does not consist of descr, fortran_order and shape");
        }
        return (descr, fortran.Value, shape);
    }

    private long[] Sizes()
    {
        Expect('(');
        var sizes = new List<long>();
        while (!Take(')'))
        {
            int start = Skip();
            while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            {
                _at++;
            }
            string digits = text[start.._at];
            Take('L'); // Python 2
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long size) || sizes.Count == NpyFormat.MaxDimensions)
            {
                throw Damaged("its shape is no tuple of sizes");
            }
            sizes.Add(size);
            if (!Take(','))
            {
                Expect(')');
                break;
            }
        }
        return [.. sizes];
    }

    private bool Flag()
    {
        Skip();
        foreach ((string word, bool value) in new[] { ("False", false), ("True", true) })
        {
            if (text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
            {
                _at += word.Length;
                return value;
            }
        }
        throw Damaged("fortran_order is neither True nor False");
    }

    private string Text()
    {
        char quote = Peek();
        int end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
        if (end < 0)
        {
            throw Damaged("a text in quotes is missing (arrays of records are not read)");
        }
        string inside = text[(_at + 1)..end];
        _at = end + 1;
        return inside;
    }

    private int Skip()
    {
        while (_at < text.Length && text[_at] is ' ' or '\n' or '\t')
        {
            _at++;
        }
        return _at;
    }

    private char Peek() => Skip() < text.Length ? text[_at] : '\0';

    private bool Take(char wanted)
    {
        bool there = Peek() == wanted;
        _at += there ? 1 : 0;
        return there;
    }

    private void Expect(char wanted)
    {
        if (!Take(wanted))
        {
            throw Damaged($"'{wanted}' is missing at character {_at}");
        }
    }

    private NpyException Damaged(string what) => new(file, $"its header is damaged: {what}");
}
