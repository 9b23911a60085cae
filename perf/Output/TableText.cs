using System.Globalization;
using System.Text;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Output;

/// <summary>A measurement as Markdown, which reads well on a terminal too.</summary>
internal static class TableText
{
    public static string Of(Measured measured)
    {
        var (table, text) = (measured.Table, new StringBuilder());
        Row[] peers = [.. table.Rows.Where(r => r.IsPeer)];
        var goals = table.Rows.Any(r => r.Goal is not null);
        string[] heads = [table.Unit, "min", "median", "max", "times",
            .. table.Work is null ? Array.Empty<string>() : [$"CPU s per {table.Work}"],
            .. peers.Select(p => $"x {p.Name}"), .. goals ? ["goal"] : Array.Empty<string>()];
        Line(heads);
        Line([.. heads.Select((_, i) => i == 0 ? "---" : "---:")]);
        foreach (var row in table.Rows)
        {
            var spread = Spread.Of(row.Samples);
            Line([row.Name, Number(spread.Min), Number(spread.Median), Number(spread.Max), row.Samples.Count.ToString(CultureInfo.InvariantCulture),
                .. table.Work is null ? Array.Empty<string>() : [Number(Spread.Of(row.Cpu!).Median)],
                .. peers.Select(p => row.IsPeer ? "" : Ratio(row, p)), .. goals ? [row.Goal ?? ""] : Array.Empty<string>()]);
        }
        text.Append('\n');
        foreach (var note in table.Notes)
            text.Append(note).Append(' ');
        text.Append("Machine: ").AppendJoin("; ", measured.Machine.Select(f => $"{f.Key} {f.Value}")).Append(".\n");
        if (measured.Quick)
            text.Append("Quick: sizes so small, and repetitions so few, that these numbers mean nothing.\n");
        return text.ToString();

        void Line(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    /// <summary>How many times the peer's rate, round by round: median, and in brackets the least and the most.</summary>
    private static string Ratio(Row row, Row peer)
    {
        var spread = Spread.Of(row.Samples.Zip(peer.Samples, (ours, theirs) => ours / theirs));
        return string.Create(CultureInfo.InvariantCulture, $"{spread.Median:0.00} ({spread.Min:0.00}-{spread.Max:0.00})");
    }

    private static string Number(double value) =>
        value.ToString(value switch { >= 100 => "0", >= 10 => "0.0", >= 0.1 => "0.00", _ => "0.0000" }, CultureInfo.InvariantCulture);
}
