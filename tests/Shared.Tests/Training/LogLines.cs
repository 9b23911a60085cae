using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

/// <summary>Lines as a run leaves them: 100 steps an epoch, two lines and an evaluation in each.</summary>
internal static class LogLines
{
    public const int StepsPerEpoch = 100;

    public static TrainingLogLine Train(long step) => new()
    {
        Mode = TrainingLogLine.Train, Epoch = Epoch(step), Iteration = (int)((step - 1) % StepsPerEpoch) + 1, Step = step, LearningRate = 0.1, DataTime = 0.01, Time = 0.5,
        Loss = 2.5 - (step / 1000.0), Top1 = 40.625, Top5 = 90.625, Images = 64, ImagesPerSecond = 128, DataWait = 0.02, Workers = 2, At = At(step),
    };

    public static TrainingLogLine Val(long step) => new()
    {
        Mode = TrainingLogLine.Val, Epoch = Epoch(step), Iteration = StepsPerEpoch, Step = step, LearningRate = 0.1, Time = 1, Top1 = 45.5, Top5 = 92.25, Images = 1000,
        ImagesPerSecond = 1000, Workers = 2, At = At(step),
    };

    public static IReadOnlyList<TrainingLogLine> Epochs(int count) =>
        [.. Enumerable.Range(1, count).SelectMany(static e => new[] { Train((100 * e) - 50), Train(100 * e), Val(100 * e) })];

    private static int Epoch(long step) => (int)((step - 1) / StepsPerEpoch) + 1;

    private static DateTimeOffset At(long step) => DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000.25 + step);
}
