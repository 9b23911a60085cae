using System.Globalization;
using System.Text;

namespace ClusterBench.Cli.Runs;

/// <summary>Metrics of one or several runs side by side: a row per k, a pair of columns per run.</summary>
internal static class MetricsTable
{
    /// <param name="runs">Heading and metrics (<c>top1@k=20</c>: 71.25) of each run.</param>
    public static string Of(IReadOnlyList<(string Heading, IReadOnlyDictionary<string, double> Metrics)> runs)
    {
        var text = new StringBuilder();
        var keys = runs.SelectMany(run => run.Metrics.Keys).Distinct(StringComparer.Ordinal).ToList();
        int[] ks = [.. keys.Select(K).OfType<int>().Distinct().Order()];
        if (ks.Length > 0)
        {
            if (runs.Any(run => run.Heading.Length > 0))
                text.Append("     ").AppendLine(string.Concat(runs.Select(run => "  " + run.Heading.PadLeft(18))).TrimEnd());
            text.Append("    k").AppendLine(string.Concat(runs.Select(_ => "  " + "top-1 %".PadLeft(9) + "top-5 %".PadLeft(9))));
            foreach (int k in ks)
            {
                text.Append(k.ToString(CultureInfo.InvariantCulture).PadLeft(5));
                text.AppendLine(string.Concat(runs.Select(run => "  " + Cell(run.Metrics, "top1", k) + Cell(run.Metrics, "top5", k))));
            }
        }
        foreach (string key in keys.Where(key => K(key) is null).Order(StringComparer.Ordinal))
            text.Append(key).AppendLine(string.Concat(runs.Select(run => "  " + Number(run.Metrics, key))));
        return text.ToString();
    }

    /// <summary>The k of a nearest-neighbour metric's name, or null.</summary>
    private static int? K(string key)
    {
        int at = key.IndexOf("@k=", StringComparison.Ordinal);
        return at == 4 && key[..4] is ("top1" or "top5") && int.TryParse(key.AsSpan(at + 3), NumberStyles.None, CultureInfo.InvariantCulture, out int k) ? k : null;
    }

    private static string Cell(IReadOnlyDictionary<string, double> metrics, string name, int k) =>
        Number(metrics, string.Create(CultureInfo.InvariantCulture, $"{name}@k={k}"));

    private static string Number(IReadOnlyDictionary<string, double> metrics, string key) =>
        (metrics.TryGetValue(key, out double value) ? value.ToString("0.00", CultureInfo.InvariantCulture) : "-").PadLeft(9);
}
