using System.Globalization;

namespace ClusterBench.Reports;

/// <summary>Values as a reader wants them: few digits in view, all of them behind.</summary>
internal static class Cells
{
    public static Cell Text(string text) => new(text);

    public static Cell Code(string text) => new(text) { IsCode = true };

    public static Cell Count(long value) => new(value.ToString("N0", CultureInfo.InvariantCulture)) { IsNumber = true };

    /// <summary>Metrics are percentages.</summary>
    public static Cell Metric(double value) => new(value.ToString("F2", CultureInfo.InvariantCulture))
    {
        IsNumber = true,
        Exact = Exact(value),
        Percent = double.IsFinite(value) ? Math.Clamp(value, 0, 100) : null,
    };

    /// <summary>A difference of two percentages, in points.</summary>
    public static Cell Points(double value) => new(value.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture)) { IsNumber = true, Exact = Exact(value) };

    public static Cell Seconds(double value) => new(Duration(value)) { IsNumber = true, Exact = Exact(value) + " s" };

    public static Cell Rate(double perSecond) => new(perSecond.ToString(perSecond < 100 ? "F1" : "N0", CultureInfo.InvariantCulture)) { IsNumber = true, Exact = Exact(perSecond) };

    /// <summary>A loss, a learning rate: four significant digits.</summary>
    public static Cell Number(double value) => new(value.ToString("G4", CultureInfo.InvariantCulture)) { IsNumber = true, Exact = Exact(value) };

    /// <summary>A share of 0 to 1 in percent.</summary>
    public static Cell Share(double value) => new((100 * value).ToString("F1", CultureInfo.InvariantCulture) + " %") { IsNumber = true, Exact = Exact(value) };

    public static Cell Bytes(long value)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        double scaled = value;
        int unit = 0;
        for (; scaled >= 1000 && unit < units.Length - 1; unit++)
            scaled /= 1000;
        return new(scaled.ToString(unit == 0 ? "F0" : "F1", CultureInfo.InvariantCulture) + " " + units[unit])
        {
            IsNumber = true,
            Exact = value.ToString(CultureInfo.InvariantCulture) + " bytes",
        };
    }

    public static Cell Time(DateTimeOffset at) => new(At(at)) { IsTime = true, Exact = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) };

    public static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>12.34 s, 5 min 12 s, 3 h 05 min.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 60)
            return seconds.ToString(seconds < 10 ? "F2" : "F1", CultureInfo.InvariantCulture) + " s";
        var span = TimeSpan.FromSeconds(Math.Round(seconds));
        return span.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours} h {span.Minutes:00} min");
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
