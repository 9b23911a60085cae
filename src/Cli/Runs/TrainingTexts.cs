using System.Globalization;
using ClusterBench.Api;

namespace ClusterBench.Cli.Runs;

/// <summary>Where a training run stands, as text.</summary>
internal static class TrainingTexts
{
    /// <summary><c>epoch 3/20, step 70/640, loss 0.512, lr 0.1, 1,234 images/s</c> as far as it is known; null where nothing is trained.</summary>
    public static string? Line(RunView run)
    {
        if (run.Epoch is not { } epoch)
            return null;
        var parts = new List<string> { Epoch(epoch, run.Epochs) };
        if (run.Step is { } step)
            parts.Add($"step {Whole(step)}{(run.Steps is { } steps ? $"/{Whole(steps)}" : "")}");
        if (run.Loss is { } loss)
            parts.Add($"loss {loss.ToString("g4", CultureInfo.InvariantCulture)}");
        if (run.LearningRate is { } rate)
            parts.Add($"lr {rate.ToString("g4", CultureInfo.InvariantCulture)}");
        if (run.ImagesPerSecond is { } speed)
            parts.Add($"{speed.ToString("N0", CultureInfo.InvariantCulture)} images/s");
        return string.Join(", ", parts);
    }

    /// <summary><c>epoch 3/20</c>.</summary>
    public static string Epoch(int epoch, int? epochs) => $"epoch {Whole(epoch)}{(epochs is { } all ? $"/{Whole(all)}" : "")}";

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);
}
