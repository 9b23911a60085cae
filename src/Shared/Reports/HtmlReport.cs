using System.Globalization;
using System.Net;
using System.Text;

namespace ClusterBench.Reports;

/// <summary>
/// A document as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It follows the reader's dark or
/// light setting and prints. Every text is escaped here and nowhere else.
/// </summary>
internal static class HtmlReport
{
    public static string Render(ReportDocument document)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append("<title>").Append(Escape(document.Title)).Append("</title>\n<style>\n").Append(ReportStyle.Css).Append("</style>\n</head>\n<body>\n<main>\n")
            .Append("<header>\n<h1>").Append(Escape(document.Title)).Append("</h1>\n<p>").Append(Escape(document.Lead)).Append("</p>\n</header>\n");
        for (int i = 0; i < document.Sections.Count; i++)
        {
            var section = document.Sections[i];
            html.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"s{i}\">\n<h2 id=\"s{i}\">").Append(Escape(section.Heading)).Append("</h2>\n");
            foreach (var block in section.Blocks)
                Append(html, block);
            html.Append("</section>\n");
        }

        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder html, ReportBlock block)
    {
        switch (block)
        {
            case Paragraph p:
                html.Append("<p>").Append(Escape(p.Text)).Append("</p>\n");
                break;
            case Remarks r:
                html.Append(r.IsWarning ? "<ul class=\"remarks warning\">\n" : "<ul class=\"remarks\">\n");
                foreach (string item in r.Items)
                    html.Append("<li>").Append(Escape(item)).Append("</li>\n");
                html.Append("</ul>\n");
                break;
            case CodeBlock c:
                html.Append(c.Language == "sh" ? "<pre class=\"wrap\"><code>" : "<pre tabindex=\"0\"><code>").Append(Escape(c.Text)).Append("</code></pre>\n");
                break;
            case DataTable t:
                Append(html, t);
                break;
            case Charts c:
                html.Append("<div class=\"charts\">\n");
                foreach (var chart in c.Items)
                    SvgChart.Append(html, chart);
                html.Append("</div>\n");
                break;
            default:
                throw new InvalidOperationException($"no HTML for {block}");
        }
    }

    private static void Append(StringBuilder html, DataTable table)
    {
        bool headed = table.Columns.Any(static c => c.Length > 0);
        html.Append("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"").Append(Escape(table.Caption)).Append("\">\n<table")
            .Append(headed ? "" : " class=\"list\"").Append(">\n<caption>").Append(Escape(table.Caption)).Append("</caption>\n");
        if (headed)
        {
            html.Append("<thead><tr>");
            for (int i = 0; i < table.Columns.Count; i++)
            {
                int column = i;
                bool number = table.Rows.Any(r => r[column].IsNumber);
                string tag = table.Columns[i].Length > 0 ? "th scope=\"col\"" : "td";
                html.Append('<').Append(tag).Append(number ? " class=\"number\">" : ">").Append(Escape(table.Columns[i])).Append("</").Append(tag[..2]).Append('>');
            }

            html.Append("</tr></thead>\n");
        }

        html.Append("<tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Append("<tr><th scope=\"row\">").Append(Content(row[0])).Append("</th>");
            foreach (var cell in row.Skip(1))
                html.Append("<td").Append(Attributes(cell)).Append('>').Append(Content(cell)).Append("</td>");
            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table>\n</div>\n");
    }

    private static string Attributes(Cell cell)
    {
        var attributes = new StringBuilder();
        if (cell.Percent is { } percent)
            attributes.Append(CultureInfo.InvariantCulture, $" class=\"number bar\" style=\"--share:{percent:0.##}%\"");
        else if (cell.IsNumber || cell.IsTime)
            attributes.Append(cell.IsNumber ? " class=\"number\"" : " class=\"time\"");
        if (cell.Exact is not null)
            attributes.Append(" title=\"").Append(Escape(cell.Exact)).Append('"');
        return attributes.ToString();
    }

    private static string Content(Cell cell) => cell.IsCode ? $"<code>{Escape(cell.Text)}</code>" : Escape(cell.Text);

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);
}
