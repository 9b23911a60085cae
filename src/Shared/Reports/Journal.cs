using System.Globalization;
using ClusterBench.Api;

namespace ClusterBench.Reports;

/// <summary>A run's journal as a table; a long one without its middle, which <c>events.jsonl</c> has.</summary>
internal static class Journal
{
    private const int Shown = 200;

    public static DataTable Table(IReadOnlyList<EventView> events)
    {
        List<IReadOnlyList<Cell>> rows;
        if (events.Count <= 2 * Shown + 1)
        {
            rows = [.. events.Select(Row)];
        }
        else
        {
            string left = (events.Count - 2 * Shown).ToString("N0", CultureInfo.InvariantCulture);
            rows = [.. events.Take(Shown).Select(Row),
                [Cells.Text("..."), Cells.Text(""), Cells.Text(""), Cells.Text($"{left} more are in events.jsonl")],
                .. events.Skip(events.Count - Shown).Select(Row)];
        }

        return new DataTable("What happened, as it was stored", ["no.", "time", "event", ""], rows);
    }

    private static IReadOnlyList<Cell> Row(EventView e) =>
        [Cells.Text(e.Seq.ToString(CultureInfo.InvariantCulture)), Cells.Time(e.At), Cells.Text(e.Type), Cells.Text(e.Text)];
}
