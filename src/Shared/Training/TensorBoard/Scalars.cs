namespace ClusterBench.Training.TensorBoard;

/// <summary>The points that a line of the log becomes, under the tags of mmcv's TensorBoard hook.</summary>
internal static class Scalars
{
    public static TensorBoardEvent Of(TrainingLogLine line)
    {
        var summary = new ScalarSummary();
        if (line.Mode == TrainingLogLine.Train)
        {
            Add("learning_rate", line.LearningRate);
        }

        Add($"{line.Mode}/loss", line.Loss);
        Add($"{line.Mode}/top1", line.Top1);
        Add($"{line.Mode}/top5", line.Top5);
        Add($"{line.Mode}/images_per_second", line.ImagesPerSecond);
        Add($"{line.Mode}/data_wait", line.DataWait);
        return new TensorBoardEvent { WallTime = Seconds(line.At), Step = line.Step, Summary = summary };

        void Add(string tag, double? value)
        {
            if (value is { } number)
            {
                summary.Value.Add(new ScalarSummary.Types.Value { Tag = tag, SimpleValue = (float)number });
            }
        }
    }

    public static double Seconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;
}
