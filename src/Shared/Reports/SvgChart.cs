using System.Globalization;
using System.Text;

namespace ClusterBench.Reports;

/// <summary>
/// A chart as a picture inside the page: axes with labels, curves, and over each point a strip whose title a browser shows when it is
/// pointed at. Colours come from the page's style, which follows the reader's setting.
/// </summary>
internal static class SvgChart
{
    private const double Width = 480, Height = 250, Left = 58, Right = 14, Top = 10, Bottom = 42;

    public static void Append(StringBuilder html, LineChart chart)
    {
        var points = chart.Curves.SelectMany(static c => c.Points).ToList();
        var x = new ChartAxis(Math.Min(chart.XFrom, points.Min(static p => p.X)), points.Max(static p => p.X), 6, whole: true, tight: true);
        var y = new ChartAxis(Math.Min(chart.YFrom, points.Min(static p => p.Low)), points.Max(static p => p.High), 5);
        html.Append("<figure>\n<figcaption>").Append(HtmlReport.Escape(chart.Caption));
        if (chart.HasKeys)
            AppendKeys(html, chart);
        html.Append("</figcaption>\n<svg class=\"chart\" role=\"img\" viewBox=\"0 0 480 250\" aria-label=\"").Append(HtmlReport.Escape(chart.Summary)).Append("\">\n");
        AppendAxes(html, chart, x, y);
        for (int i = 0; i < chart.Curves.Count; i++)
            AppendCurve(html, chart.Curves[i], i, x, y);
        AppendHits(html, chart, x);
        foreach (var mark in chart.Marks.Where(m => m.X >= x.Low && m.X <= x.High))
            AppendMark(html, mark, x);
        html.Append("</svg>\n</figure>\n");
    }

    private static void AppendKeys(StringBuilder html, LineChart chart)
    {
        for (int i = 0; i < chart.Curves.Count; i++)
        {
            html.Append(CultureInfo.InvariantCulture, $" <span class=\"key\"><svg class=\"c{i}\" viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"line\" d=\"M1 5H25\"/></svg>")
                .Append(HtmlReport.Escape(chart.Curves[i].Name)).Append("</span>");
        }
    }

    private static void AppendAxes(StringBuilder html, LineChart chart, ChartAxis x, ChartAxis y)
    {
        foreach (double tick in y.Ticks)
        {
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {Y(y, tick)}H{Width - Right}\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(y, tick)}\" dy=\"4\" text-anchor=\"end\">{y.Label(tick)}</text>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{Left} {Height - Bottom}H{Width - Right}\"/>\n");
        foreach (double tick in x.Ticks)
        {
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{X(x, tick)} {Height - Bottom}v4\"/>")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{X(x, tick)}\" y=\"{Height - Bottom + 17}\" text-anchor=\"middle\">{x.Label(tick)}</text>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">")
            .Append(HtmlReport.Escape(chart.XName)).Append("</text>\n");
    }

    private static void AppendCurve(StringBuilder html, Curve curve, int number, ChartAxis x, ChartAxis y)
    {
        html.Append(CultureInfo.InvariantCulture, $"<g class=\"c{number}\">");
        if (curve.Points.Any(static p => p.Low < p.High))
        {
            html.Append("<path class=\"band\" d=\"M")
                .AppendJoin('L', curve.Points.Select(p => $"{X(x, p.X)} {Y(y, p.High)}").Concat(curve.Points.Reverse().Select(p => $"{X(x, p.X)} {Y(y, p.Low)}"))).Append("Z\"/>");
        }

        if (curve.Points.Count > 1)
            html.Append("<path class=\"line\" d=\"M").AppendJoin('L', curve.Points.Select(p => $"{X(x, p.X)} {Y(y, p.Y)}")).Append("\"/>");
        foreach (var p in curve.HasDots || curve.Points.Count == 1 ? curve.Points : [])
            html.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot\" cx=\"{X(x, p.X)}\" cy=\"{Y(y, p.Y)}\" r=\"3\"/>");
        html.Append("</g>\n");
    }

    // Each strip reaches half way to its neighbours, so that all of the picture answers.
    private static void AppendHits(StringBuilder html, LineChart chart, ChartAxis x)
    {
        double[] at = [.. chart.Curves.SelectMany(static c => c.Points).Select(static p => p.X).Distinct().Order()];
        var points = chart.Curves.Select(static c => c.Points.ToLookup(static p => p.X)).ToArray();
        for (int i = 0; i < at.Length; i++)
        {
            double from = i == 0 ? x.Low : (at[i - 1] + at[i]) / 2, to = i == at.Length - 1 ? x.High : (at[i] + at[i + 1]) / 2;
            double left = Left + (x.Share(from) * (Width - Left - Right)), width = (x.Share(to) - x.Share(from)) * (Width - Left - Right);
            var values = chart.Curves.SelectMany((c, n) => points[n][at[i]].Select(p => Text(chart.HasKeys ? c.Name + " " : "", p)));
            string title = string.Create(CultureInfo.InvariantCulture, $"{chart.XName} {at[i]:#,0}: {string.Join(", ", values)}");
            html.Append(CultureInfo.InvariantCulture, $"<rect class=\"hit\" x=\"{left:0.##}\" y=\"{Top}\" width=\"{width:0.##}\" height=\"{Height - Top - Bottom}\"><title>")
                .Append(HtmlReport.Escape(title)).Append("</title></rect>\n");
        }
    }

    private static string Text(string name, CurvePoint p) => string.Create(CultureInfo.InvariantCulture, $"{name}{p.Y:G5}") +
        (p.Low < p.High ? string.Create(CultureInfo.InvariantCulture, $" ({p.Low:G5} to {p.High:G5})") : "");

    private static void AppendMark(StringBuilder html, ChartMark mark, ChartAxis x)
    {
        string line = $"M{X(x, mark.X)} {Top}V{Height - Bottom}";
        html.Append("<path class=\"happened\" d=\"").Append(line).Append("\"/><path class=\"hit\" d=\"").Append(line).Append("\"><title>")
            .Append(HtmlReport.Escape(mark.Text)).Append("</title></path>\n");
    }

    private static string X(ChartAxis axis, double value) => (Left + (axis.Share(value) * (Width - Left - Right))).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Y(ChartAxis axis, double value) => (Height - Bottom - (axis.Share(value) * (Height - Top - Bottom))).ToString("0.##", CultureInfo.InvariantCulture);
}
