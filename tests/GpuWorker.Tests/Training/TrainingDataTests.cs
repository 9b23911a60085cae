using ClusterBench.Configs;
using ClusterBench.GpuWorker.Training;

namespace ClusterBench.Tests.Training;

public sealed class TrainingDataTests
{
    [Fact]
    public void Lists_and_pipelines_come_from_the_config()
    {
        var data = TrainingData.Load(SampleRun.Finetune());
        Assert.Equal((2000, 2000, 1000, 1000), (data.Train.Files.Count, data.Train.Labels.Count, data.Val.Files.Count, data.Val.Labels.Count));
        Assert.Equal((5, 4), (data.Train.Labels[0], data.Train.Labels[1]));
        Assert.True(File.Exists(data.Train.Files[1999]) && Path.IsPathRooted(data.Train.Files[1999]));
        Assert.True(data.Train.Pipeline.IsRandom && !data.Val.Pipeline.IsRandom);
    }

    [Fact]
    public void A_label_that_the_head_has_no_class_for_is_an_error_that_names_list_and_image()
    {
        var config = SampleRun.Finetune();
        config = config with { Training = config.Training! with { Head = config.Training!.Head with { Classes = 8 } } };
        var message = Assert.Throws<UserErrorException>(() => TrainingData.Load(config)).Message;
        Assert.Contains("train.txt: train/00099.png has the label 8", message, StringComparison.Ordinal);
        Assert.Contains("num_classes is 8: labels go from 0 to 7", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_that_is_missing_is_an_error()
    {
        var config = SampleRun.Linear();
        config = config with { Data = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal) { ["train"] = config.Data["train"] } };
        Assert.Contains("no data.val", Assert.Throws<UserErrorException>(() => TrainingData.Load(config)).Message, StringComparison.Ordinal);
    }
}
