using System.Text;
using ClusterBench.Files;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Output;

/// <summary>Puts the published tables between their markers in docs/performance.md; the sentences around them are people's.</summary>
internal static class PerformanceDoc
{
    public static void Render(string document, IReadOnlyDictionary<string, Measured> published)
    {
        var text = File.ReadAllText(document);
        foreach (var (id, measured) in published)
            text = Replace(document, text, id, $"{TableText.Of(measured)}\nRepeat it: `{measured.Command}`\n");
        AtomicFile.Write(document, file => file.Write(Encoding.UTF8.GetBytes(text)));
    }

    private static string Replace(string document, string text, string id, string content)
    {
        var (begin, end) = ($"<!-- table: {id} -->\n", $"<!-- end: {id} -->");
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
            throw new UserErrorException($"{document} has no place for the table {id}: it needs the lines {begin.Trim()} and {end}.");
        return text[..(from + begin.Length)] + "\n" + content + "\n" + text[to..];
    }
}
