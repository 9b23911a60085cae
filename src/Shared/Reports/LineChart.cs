using System.Globalization;

namespace ClusterBench.Reports;

/// <summary>Curves over a common axis.</summary>
/// <param name="Caption">What it shows, with its unit.</param>
/// <param name="XName">What the axis counts, in the singular: <c>step</c>, <c>epoch</c>.</param>
/// <param name="Curves">One or two.</param>
internal sealed record LineChart(string Caption, string XName, IReadOnlyList<Curve> Curves)
{
    /// <summary>The curves' names are shown: they do not go without saying.</summary>
    public bool HasKeys { get; init; }

    /// <summary>Where the horizontal axis begins at the latest.</summary>
    public double XFrom { get; init; } = double.PositiveInfinity;

    /// <summary>Where the vertical axis begins at the latest.</summary>
    public double YFrom { get; init; } = double.PositiveInfinity;

    /// <summary>What happened on the way: vertical lines.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>For whoever does not see it.</summary>
    public string Summary => Caption + ": " + string.Join("; ", Curves.Select(static c => c.Summary));
}

/// <param name="Name">For the legend.</param>
/// <param name="Points">At least one, by ascending x.</param>
internal sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>Each point is drawn, because each was measured.</summary>
    public bool HasDots { get; init; }

    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{Name} {Points[0].Y:G4} at first, {Points[^1].Y:G4} at last, between {Points.Min(static p => p.Low):G4} and {Points.Max(static p => p.High):G4}");
}

/// <summary>A point, or the mean of several neighbouring ones.</summary>
/// <param name="Low">The least of them.</param>
/// <param name="High">The greatest of them.</param>
internal readonly record struct CurvePoint(double X, double Y, double Low, double High)
{
    public CurvePoint(double x, double y)
        : this(x, y, y, y)
    {
    }

    /// <summary>
    /// At most <paramref name="most"/> points: a screen shows no more, and a file with all of them would be large. Each is the mean of
    /// as many neighbours as it takes, with their range, so that no spike is lost.
    /// </summary>
    public static IReadOnlyList<CurvePoint> Thin(IReadOnlyList<CurvePoint> points, int most)
    {
        int neighbours = (points.Count + most - 1) / most;
        return neighbours < 2
            ? points
            : [.. points.Chunk(neighbours).Select(static c => new CurvePoint(c.Average(static p => p.X), c.Average(static p => p.Y), c.Min(static p => p.Low), c.Max(static p => p.High)))];
    }
}

/// <param name="Text">Shown when pointed at.</param>
internal sealed record ChartMark(double X, string Text);
