namespace ClusterBench.Reports;

/// <summary>Metrics laid out: where they were taken downwards, the measures across.</summary>
internal sealed class MetricGrid
{
    private readonly IReadOnlyDictionary<string, double> _metrics;

    public MetricGrid(IReadOnlyDictionary<string, double> metrics)
    {
        _metrics = metrics;
        var names = metrics.Keys.Select(MetricName.Parse).ToArray();
        Measures = [.. names.Select(static n => n.Measure).Distinct(StringComparer.Ordinal).Order(Comparer<string>.Create(CompareMeasures))];
        Places = [.. names.Select(static n => n.At).Distinct(StringComparer.Ordinal).Order(Comparer<string>.Create(MetricName.CompareAt))];
    }

    public IReadOnlyList<string> Measures { get; }

    public IReadOnlyList<string> Places { get; }

    /// <summary>The key that all places share (<c>k</c>), which then heads their column; null where they do not.</summary>
    public string? SharedKey
    {
        get
        {
            string[] keys = [.. Places.Select(static p => p.Contains(',', StringComparison.Ordinal) ? "" : p.Split('=')[0]).Distinct(StringComparer.Ordinal)];
            return keys.Length == 1 && keys[0].Length > 0 && Places.All(static p => p.Contains('=', StringComparison.Ordinal)) ? keys[0] : null;
        }
    }

    public string PlaceLabel(string place) => SharedKey is { } key ? place[(key.Length + 1)..] : place.Length == 0 ? "overall" : place;

    public double? Value(string measure, string place) =>
        _metrics.TryGetValue(place.Length == 0 ? measure : $"{measure}@{place}", out double value) ? value : null;

    private static int CompareMeasures(string? left, string? right)
    {
        int order = Rank(left).CompareTo(Rank(right));
        return order != 0 ? order : string.CompareOrdinal(left, right);
    }

    private static int Rank(string? measure) => measure switch { "top1" => 0, "top5" => 1, "mAP" => 2, _ => 3 };
}
