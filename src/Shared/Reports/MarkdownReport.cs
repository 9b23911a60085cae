using System.Text;

namespace ClusterBench.Reports;

/// <summary>A document as GitHub's Markdown. Every text is escaped here: none can become a link, a tag or another cell.</summary>
internal static class MarkdownReport
{
    public static string Render(ReportDocument document)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(document.Title)).Append("\n\n").Append(Escape(document.Lead)).Append('\n');
        foreach (var section in document.Sections)
        {
            text.Append("\n## ").Append(Escape(section.Heading)).Append('\n');
            foreach (var block in section.Blocks)
                Append(text.Append('\n'), block);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ReportBlock block)
    {
        switch (block)
        {
            case Paragraph p:
                text.Append(Escape(p.Text)).Append('\n');
                break;
            case Remarks r:
                foreach (string item in r.Items)
                    text.Append("- ").Append(Escape(item)).Append('\n');
                break;
            case CodeBlock c:
                string fence = Fence(c.Text, "```");
                text.Append(fence).Append(c.Language).Append('\n').Append(c.Text.TrimEnd('\n')).Append('\n').Append(fence).Append('\n');
                break;
            case DataTable t:
                Append(text, t);
                break;
            case Charts c:
                text.Append("Curves (drawn in ").Append(ReportWriter.HtmlName).Append("):\n\n");
                foreach (var chart in c.Items)
                    text.Append("- ").Append(Escape(chart.Summary)).Append('\n');
                break;
            default:
                throw new InvalidOperationException($"no Markdown for {block}");
        }
    }

    private static void Append(StringBuilder text, DataTable table)
    {
        text.Append(Escape(table.Caption)).Append(":\n\n| ").AppendJoin(" | ", table.Columns.Select(Escape)).Append(" |\n|");
        for (int i = 0; i < table.Columns.Count; i++)
            text.Append(table.Rows.Any(r => r[i].IsNumber) ? "---:|" : "---|");
        text.Append('\n');
        foreach (var row in table.Rows)
            text.Append("| ").AppendJoin(" | ", row.Select(Content)).Append(" |\n");
    }

    private static string Content(Cell cell)
    {
        if (!cell.IsCode || cell.Text.Length == 0)
            return Escape(cell.Text);
        // In a table a bar ends the cell even inside code, so text with one is no code.
        string line = OneLine(cell.Text);
        return line.Contains('|', StringComparison.Ordinal) ? Escape(line) : Code(line);
    }

    private static string Code(string line)
    {
        string fence = Fence(line, "`");
        return fence.Length == 1 ? $"`{line}`" : $"{fence} {line} {fence}";
    }

    // Longer than any run of backticks inside, so that the text cannot end it.
    private static string Fence(string text, string shortest)
    {
        int longest = 0, run = 0;
        foreach (char c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return new string('`', Math.Max(shortest.Length, longest == 0 ? 0 : longest + 1));
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in OneLine(text))
        {
            if (c is '<' or '>' or '&')
                escaped.Append(c switch { '<' => "&lt;", '>' => "&gt;", _ => "&amp;" });
            else if ("\\`*_[]|#~".Contains(c, StringComparison.Ordinal))
                escaped.Append('\\').Append(c);
            else
                escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
