namespace ClusterBench.Runs;

/// <summary>Orders names as people do: digits within them count as numbers, so <c>top1@k=20</c> stands before <c>top1@k=100</c>.</summary>
public sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    private NaturalOrder()
    {
    }

    /// <inheritdoc />
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        for (int i = 0, j = 0; i < x.Length && j < y.Length;)
        {
            var (a, b) = (Run(x, i), Run(y, j));
            var order = char.IsAsciiDigit(x[i]) && char.IsAsciiDigit(y[j])
                ? CompareNumbers(x.AsSpan(i, a), y.AsSpan(j, b))
                : x.AsSpan(i, a).SequenceCompareTo(y.AsSpan(j, b));
            if (order != 0)
            {
                return order;
            }

            i += a;
            j += b;
        }

        var length = x.Length.CompareTo(y.Length);
        return length != 0 ? length : string.CompareOrdinal(x, y);
    }

    /// <summary>Length of the digits, or of the other characters, that begin at a place.</summary>
    private static int Run(string text, int start)
    {
        var end = start + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]) == char.IsAsciiDigit(text[start]))
        {
            end++;
        }

        return end - start;
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var x = a.TrimStart('0');
        var y = b.TrimStart('0');
        return x.Length != y.Length ? x.Length.CompareTo(y.Length) : x.SequenceCompareTo(y);
    }
}
