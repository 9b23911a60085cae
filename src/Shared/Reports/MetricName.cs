using System.Globalization;

namespace ClusterBench.Reports;

/// <summary>A metric's name taken apart: <c>top1@k=20</c> is the measure <c>top1</c> at <c>k=20</c>.</summary>
/// <param name="Measure">E.g. <c>top1</c>, <c>mAP</c>.</param>
/// <param name="At">E.g. <c>k=20</c>, <c>feat5,k=4</c>; empty where a measure stands alone.</param>
internal sealed record MetricName(string Measure, string At)
{
    public static MetricName Parse(string name)
    {
        int at = name.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? new MetricName(name, "") : new MetricName(name[..at], name[(at + 1)..]);
    }

    /// <summary>The measure as papers write it.</summary>
    public static string Display(string measure) => measure switch
    {
        "top1" => "top-1",
        "top5" => "top-5",
        _ => measure,
    };

    /// <summary>Where a measure was taken, in the order of a reader: <c>k=20</c> before <c>k=100</c>.</summary>
    public static int CompareAt(string left, string right)
    {
        string[] lefts = left.Split(','), rights = right.Split(',');
        for (int i = 0; i < Math.Min(lefts.Length, rights.Length); i++)
        {
            var (leftKey, leftValue) = Split(lefts[i]);
            var (rightKey, rightValue) = Split(rights[i]);
            int order = string.CompareOrdinal(leftKey, rightKey);
            if (order == 0)
                order = leftValue is { } l && rightValue is { } r ? l.CompareTo(r) : string.CompareOrdinal(lefts[i], rights[i]);
            if (order != 0)
                return order;
        }

        return lefts.Length.CompareTo(rights.Length);
    }

    private static (string Key, double? Value) Split(string part)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return (part, null);
        return (part[..equals], double.TryParse(part[(equals + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null);
    }
}
