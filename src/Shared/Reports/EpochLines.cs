using ClusterBench.Training;

namespace ClusterBench.Reports;

/// <summary>What lines of the log say together, evaluations left out; null where none says it.</summary>
internal sealed class EpochLines(IEnumerable<TrainingLogLine> lines)
{
    private readonly TrainingLogLine[] _lines = [.. lines.Where(static l => l.Mode == TrainingLogLine.Train)];

    public double? LearningRate => _lines.Length == 0 ? null : _lines[^1].LearningRate;

    public double? Loss => Mean(static l => l.Loss);

    public double? Top1 => Mean(static l => l.Top1);

    /// <summary>The mean over the lines' images, not over their rates: a slow stretch weighs what it lasted.</summary>
    public double? ImagesPerSecond
    {
        get
        {
            var timed = _lines.Where(static l => l.ImagesPerSecond > 0).ToArray();
            return timed.Length == 0 ? null : timed.Length / timed.Sum(static l => 1 / l.ImagesPerSecond!.Value);
        }
    }

    /// <summary>Share of the time, 0 to 1.</summary>
    public double? DataWait
    {
        get
        {
            double all = _lines.Sum(static l => l.Time ?? 0);
            return all > 0 ? _lines.Sum(static l => l.DataTime ?? 0) / all : null;
        }
    }

    private double? Mean(Func<TrainingLogLine, double?> value) => _lines.Select(value).Average();
}
