using ClusterBench.Configs;
using ClusterBench.GpuWorker.Training;

namespace ClusterBench.Tests.Training;

/// <summary>
/// A run short enough for every test: two epochs of two whole steps of 4 x 16 images and a short one of 4 x 5, in which the last
/// ranks see the first images again.
/// </summary>
internal static class FewSteps
{
    public const int TrainImages = 146, ValImages = 150, Steps = 6;

    public static TrainingSession Finetune(int cores = 2) => Session(SampleRun.Finetune(epochs: 2), cores);

    /// <summary>Fine-tuning whose state is still to be filled.</summary>
    public static TrainingSession Bare(int cores = 2)
    {
        var config = SampleRun.Finetune(epochs: 2);
        return new TrainingSession(new ClusterBench.Training.TrainingPlan(config, TrainImages, ValImages), SampleRun.Data(config, TrainImages, ValImages), cores);
    }

    public static TrainingSession Linear(int cores = 2) => Session(SampleRun.Linear(epochs: 2), cores);

    /// <summary>Fine-tuning on images of 8 x 8: a step is little more than its calls.</summary>
    public static TrainingSession Small(int epochs, int cores)
    {
        var config = SampleRun.Finetune(epochs: epochs);
        var data = config.Data.ToDictionary(
            split => split.Key,
            split => split.Value with { Pipeline = [new ResizeConfig(8, 8, "bilinear"), new ToTensorConfig(), new NormalizeConfig([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])] },
            StringComparer.Ordinal);
        return Session(config with { Data = data }, cores);
    }

    public static TrainingSession Session(RunConfig config, int cores)
    {
        config = config with { Training = config.Training! with { LogInterval = 2 } };
        return SampleRun.Session(config, SampleRun.Data(config, TrainImages, ValImages), cores);
    }
}
