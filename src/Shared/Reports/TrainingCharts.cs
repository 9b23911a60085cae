using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Training;

namespace ClusterBench.Reports;

/// <summary>The curves of a training.</summary>
internal static class TrainingCharts
{
    private const int MostPoints = 240;

    public static List<LineChart> Of(IReadOnlyList<TrainingLogLine> lines, TrainingResults results)
    {
        var train = lines.Where(static l => l.Mode == TrainingLogLine.Train).ToArray();
        var val = lines.Where(static l => l.Mode == TrainingLogLine.Val).ToArray();
        LineChart[] charts =
        [
            OverSteps("Training loss", "loss", train, static l => l.Loss),
            new("Top-1 accuracy in percent", "epoch",
            [
                new("training", [.. train.GroupBy(static l => l.Epoch).SelectMany(static e => Points(new EpochLines(e).Top1 is { } top1 ? [(e.Key, top1)] : []))]) { HasDots = true },
                new("validation", Points(val.Where(static l => l.Top1 is not null).Select(static l => ((double)l.Epoch, l.Top1!.Value)))) { HasDots = true },
            ]) { HasKeys = true },
            OverSteps("Learning rate", "rate", train, static l => l.LearningRate),
            OverSteps("Images per second", "images/s", train, static l => l.ImagesPerSecond) with { YFrom = 0, Marks = [.. results.Gangs.Skip(1).Select(Mark)] },
        ];
        return [.. charts.Select(static c => c with { Curves = [.. c.Curves.Where(static v => v.Points.Count > 0)] }).Where(static c => c.Curves.Count > 0)];
    }

    private static LineChart OverSteps(string caption, string name, TrainingLogLine[] lines, Func<TrainingLogLine, double?> value)
    {
        var all = Points(lines.Where(l => value(l) is not null).Select(l => ((double)l.Step, value(l)!.Value)));
        var shown = CurvePoint.Thin(all, MostPoints);
        int together = shown.Count == 0 ? 1 : (all.Count + shown.Count - 1) / shown.Count;
        return new(together > 1 ? string.Create(CultureInfo.InvariantCulture, $"{caption} (mean and range of {together} lines of the log)") : caption, "step", [new(name, shown)]) { XFrom = 0 };
    }

    private static ChartMark Mark(GangOutcome gang) => new(gang.FromStep, string.Create(CultureInfo.InvariantCulture,
        $"step {gang.FromStep:N0}: generation {gang.Generation} with {gang.Members.Count} {(gang.Members.Count == 1 ? "worker" : "workers")} ({gang.Reason})"));

    private static List<CurvePoint> Points(IEnumerable<(double X, double Y)> values) => [.. values.Select(static v => new CurvePoint(v.X, v.Y))];
}
