using ClusterBench.Configs;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Features;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

/// <summary>Training runs on the sample data: the protocol's hyperparameters, whole or cut down to a few steps.</summary>
internal static class SampleRun
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", "..", "samples"));

    public static string Checkpoint => Path.Combine(Folder, "simclr_r18w16_fashion.pth");

    /// <summary>Linear evaluation: frozen backbone, rate 1 that falls after 12 and 16 of 20 epochs, no augmentation.</summary>
    public static RunConfig Linear(int seed = 0, int epochs = 20) => Config("linear", seed, Plain, new TrainingConfig
    {
        VirtualRanks = 4, ImagesPerRank = 16, Epochs = epochs, FrozenBackbone = true, LogInterval = 8, EvaluationInterval = 20,
        Head = new HeadConfig { Feature = "feat5", Classes = 10 },
        Optimizer = new OptimizerConfig { LearningRate = 1, Momentum = 0.9 },
        Schedule = new ScheduleConfig { Policy = "Step", Steps = [12, 16] },
    });

    /// <summary>Fine-tuning on 4 ranks: the whole network, cosine by iteration, random crop and flip.</summary>
    public static RunConfig Finetune(int seed = 0, int epochs = 10) => Config("finetune", seed, Augmented, new TrainingConfig
    {
        VirtualRanks = 4, ImagesPerRank = 16, Epochs = epochs, FrozenBackbone = false, LogInterval = 8, EvaluationInterval = 20,
        Head = new HeadConfig { Feature = "feat5", Classes = 10 },
        Optimizer = new OptimizerConfig { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 5e-4 },
        Schedule = new ScheduleConfig { Policy = "CosineAnnealing", ByEpoch = false, MinRate = 0 },
    });

    /// <summary>The first images of the sample lists.</summary>
    public static TrainingData Data(RunConfig config, int train = int.MaxValue, int val = int.MaxValue) =>
        new(Set(config, "train", train), Set(config, "val", val));

    /// <summary>A session whose state is that of step 0.</summary>
    public static TrainingSession Session(RunConfig config, TrainingData data, int cores = 2)
    {
        var session = new TrainingSession(new TrainingPlan(config, data.Train.Files.Count, data.Val.Files.Count), data, cores);
        Assert.Equal("120 tensors of the backbone loaded", WeightInitializer.Fill(session.State.Weights, config, Checkpoint)[1]);
        return session;
    }

    private static IReadOnlyList<TransformConfig> Plain =>
        [new PadConfig(2, 2, 2, 2, 0), new ToTensorConfig(), new NormalizeConfig([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])];

    private static IReadOnlyList<TransformConfig> Augmented =>
        [Plain[0], new RandomCropConfig(32, 32, 4), new RandomHorizontalFlipConfig(0.5), .. Plain.Skip(1)];

    private static RunConfig Config(string benchmark, int seed, IReadOnlyList<TransformConfig> train, TrainingConfig training) => new()
    {
        Benchmark = benchmark, Backbone = Samples.Config, BatchSize = 64, Pool = "gap", Features = ["feat5"], Threads = 1,
        Precision = "fp32", Reduction = "exact", Device = "cpu", Seed = seed, AllowPartial = false, Training = training,
        Data = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal) { ["train"] = Dataset("train", train), ["val"] = Dataset("val", Plain) },
    };

    private static DatasetConfig Dataset(string split, IReadOnlyList<TransformConfig> pipeline) => new()
    {
        Source = new DataSourceConfig { Type = "ImageNet", ListFile = Path.Combine(Folder, "fashion", "meta", split + ".txt"), Root = Path.Combine(Folder, "fashion") },
        Pipeline = pipeline,
    };

    private static ImageSet Set(RunConfig config, string split, int count)
    {
        var (root, list) = (config.Data[split].Source.Root, config.Data[split].Source.ListFile);
        var lines = File.ReadLines(list).Take(count).Select(line => line.Split(' ')).ToArray();
        return new ImageSet(
            [.. lines.Select(line => Path.Combine(root, line[0]))], [.. lines.Select(line => int.Parse(line[1], null))], ImagePipeline.Compile(config.Data[split].Pipeline));
    }
}
