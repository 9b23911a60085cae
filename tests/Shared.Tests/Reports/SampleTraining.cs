using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Training;

namespace ClusterBench.Tests.Reports;

/// <summary>A training of 20 epochs as a run leaves it: falling loss, a worker lost in the ninth epoch and back in the twelfth.</summary>
internal static class SampleTraining
{
    public const int Epochs = 20, StepsPerEpoch = 31, Interval = 8;

    public static TrainingResults Results { get; } = new()
    {
        Epochs = Epochs, Steps = Epochs * StepsPerEpoch, StepsPerEpoch = StepsPerEpoch, VirtualRanks = 4, ImagesPerRank = 16, EffectiveBatch = 64,
        Optimizer = "SGD: learning rate 1, momentum 0.9", Schedule = "Step: times 0.1 at epochs 12, 16",
        PerEpoch = [.. Enumerable.Range(1, Epochs).Select(static e => new EpochOutcome(e, e * StepsPerEpoch, e is > 9 and < 13 ? 4.25 : 2.5, Metrics(e)))],
        Gangs =
        [
            new(1, 0, At(0), ["node0/1", "node0/2"], "beginning", "the run begins"),
            new(2, 263, At(263), ["node0/1"], "peer", "node0/2 was lost"),
            new(3, 372, At(372), ["node0/1", "node0/2"], "peer", "node0/2 came in"),
        ],
    };

    public static IReadOnlyList<TrainingLogLine> Lines { get; } = [.. Log()];

    public static RunResults Run { get; } = SampleRuns.SimClr with
    {
        Run = "linear-20261125-4f2a", Benchmark = "linear", Metrics = Metrics(Epochs), Training = Results, Seconds = 61.5,
        Timings = new Dictionary<string, double> { ["prepare"] = 1.5, ["train"] = 58.25, ["evaluate"] = 1.75 }, ImagesDecoded = 0,
        Command = "clusterbench linear configs/samples/linear.yaml --pretrained samples/simclr_r18w16_fashion.pth", Config = "configs/samples/linear.yaml",
    };

    public static void WriteLog(string path, IReadOnlyList<TrainingLogLine> lines)
    {
        using var log = TrainingLog.Open(path, 0);
        foreach (var line in lines)
        {
            log.Append(line);
        }
    }

    private static IEnumerable<TrainingLogLine> Log()
    {
        for (int step = Interval; step <= Epochs * StepsPerEpoch; step++)
        {
            int epoch = ((step - 1) / StepsPerEpoch) + 1;
            double noise = Math.Sin(step * 12.9898) * 0.06, rate = epoch <= 12 ? 1 : epoch <= 16 ? 0.1 : 0.01;
            int workers = step is > 263 and <= 372 ? 1 : 2;
            double speed = workers * 420 * (1 + (noise / 4));
            if (step % Interval == 0)
            {
                yield return new TrainingLogLine
                {
                    Mode = TrainingLogLine.Train, Epoch = epoch, Iteration = ((step - 1) % StepsPerEpoch) + 1, Step = step, LearningRate = rate, Time = 64 / speed,
                    DataTime = 1.2 / speed, Loss = 0.42 + (1.9 * Math.Exp(-step / 90.0)) + (noise * (rate == 1 ? 1 : 0.4)) - (epoch > 12 ? 0.05 : 0),
                    Top1 = 84 - (50 * Math.Exp(-step / 80.0)) + (noise * 30), Top5 = 99, Images = 64, ImagesPerSecond = speed, DataWait = 1.2 / 64, Workers = workers, At = At(step),
                };
            }

            if (step % StepsPerEpoch == 0)
            {
                yield return new TrainingLogLine
                {
                    Mode = TrainingLogLine.Val, Epoch = epoch, Iteration = StepsPerEpoch, Step = step, LearningRate = rate, Time = 0.1, Top1 = Metrics(epoch)["top1"],
                    Top5 = Metrics(epoch)["top5"], Images = 1000, ImagesPerSecond = 10_000, Workers = workers, At = At(step),
                };
            }
        }
    }

    private static Dictionary<string, double> Metrics(int epoch) => new()
    {
        ["top1"] = Math.Round(81.5 - (22 * Math.Exp(-epoch / 3.0)) + Math.Sin(epoch), 1), ["top5"] = Math.Round(98.5 - (6 * Math.Exp(-epoch / 3.0)), 1),
    };

    private static DateTimeOffset At(int step) => DateTimeOffset.Parse("2026-11-24T23:00:00Z", CultureInfo.InvariantCulture).AddSeconds(step / 10.0);
}
