using System.Text.Json.Serialization;

namespace ClusterBench.Training;

/// <summary>
/// A line of <c>log.json</c>. Mode, epoch, iter, lr, time, data_time and loss have the names that mmcv's text logger gives them, so that
/// scripts for its logs read these; step and what follows images are ours.
/// </summary>
public sealed record TrainingLogLine
{
    /// <summary><see cref="Mode"/> of a line on training steps.</summary>
    public const string Train = "train";

    /// <summary><see cref="Mode"/> of a line on an evaluation.</summary>
    public const string Val = "val";

    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    /// <summary>From 1.</summary>
    [JsonPropertyName("epoch")]
    public required int Epoch { get; init; }

    /// <summary>Place in the epoch, from 1; of an evaluation the epoch's last.</summary>
    [JsonPropertyName("iter")]
    public required int Iteration { get; init; }

    /// <summary>Steps applied since the run began.</summary>
    [JsonPropertyName("step")]
    public required long Step { get; init; }

    /// <summary>The base rate of the last step.</summary>
    [JsonPropertyName("lr")]
    public required double LearningRate { get; init; }

    /// <summary>Seconds that a step waited for images: the mean since the line before.</summary>
    [JsonPropertyName("data_time")]
    public double? DataTime { get; init; }

    /// <summary>Seconds of a step: the mean since the line before; of an evaluation all of it.</summary>
    [JsonPropertyName("time")]
    public double? Time { get; init; }

    /// <summary>Of the last step, over all virtual ranks; absent in an evaluation.</summary>
    [JsonPropertyName("loss")]
    public double? Loss { get; init; }

    /// <summary>Percentage of the step's or the list's images whose label came first.</summary>
    [JsonPropertyName("top1")]
    public double? Top1 { get; init; }

    /// <summary>Percentage of them whose label came among the first five.</summary>
    [JsonPropertyName("top5")]
    public double? Top5 { get; init; }

    /// <summary>Images of the step, or of the validation list.</summary>
    [JsonPropertyName("images")]
    public int Images { get; init; }

    /// <summary>Over all workers.</summary>
    [JsonPropertyName("images_per_second")]
    public double? ImagesPerSecond { get; init; }

    /// <summary>Share of the time that was spent waiting for images, 0 to 1.</summary>
    [JsonPropertyName("data_wait")]
    public double? DataWait { get; init; }

    /// <summary>Members of the gang.</summary>
    [JsonPropertyName("workers")]
    public int Workers { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainingLogLine))]
internal sealed partial class TrainingLogJson : JsonSerializerContext;
