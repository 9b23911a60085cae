using ClusterBench.Cli.Plans;
using ClusterBench.Configs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Plans;

public sealed class TrainingPlanTextTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    private Task<CallResult> DryRunAsync(string verb, string config, string pretrain, params string[] more) =>
        _cli.RunAsync([verb, config, pretrain, "--threads", "1", "--device", "cpu", "--dry-run", .. more]);

    [Fact]
    public async Task The_plan_of_linear_says_what_is_trained_how_long_and_what_it_needs()
    {
        CallResult result = await DryRunAsync("linear", "configs/selfsup.yaml", "checkpoint.pth", "--workers", "2");

        Assert.Equal(0, result.Status);
        foreach (string line in (string[])
        [
            "benchmark   linear, the backbone is frozen",
            "backbone    ResNet_CIFAR-18, 700,176 parameters",
            "head        feat5 (128 numbers, pool gap) to 10 classes, cross-entropy",
            "trained     1,290 of 701,466 parameters, fp32",
            "train       40 images in meta/train.txt; 0 of 16 looked for are there",
            "batch       4 virtual ranks x 2 images = 8 per step, learning rate 1",
            "steps       5 per epoch, 100 in 20 epochs",
            "optimizer   SGD, learning rate 1, momentum 0.9, weight decay 0",
            "schedule    x 0.1 from epoch 12, 16 on: 1 in the first step, 0.01 in the last",
            "evaluation  every epoch, 8 images at once",
            "checkpoints at every epoch's end and every 600 s; epoch_N.pth of every epoch, all of them kept",
            "workers     2 on this machine, cpu",
            "threads     1 per virtual rank",
            "disk        about 58 MiB for checkpoints of 2 MiB",
            "Nothing was started (--dry-run).",
        ])
            Assert.Contains(line + "\n", result.Out, StringComparison.Ordinal);
        Assert.Matches("memory      about 2[0-9]{2} MiB per worker for each virtual rank that computes at a time\n", result.Out);
        Assert.Contains("warning: train: 16 of 16 images looked for are missing", result.Out, StringComparison.Ordinal);
        Assert.Contains("batch: 4 virtual ranks x 2 images = 8 per step, learning rate 1\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Embedded.Started);
        Assert.False(Directory.Exists(_cli.Path("work_dirs")));
    }

    [Fact]
    public async Task The_plan_of_finetune_from_scratch_counts_the_whole_network()
    {
        _cli.Configs.Training = _cli.Configs.Training with
        {
            Schedule = new ScheduleConfig { Policy = "CosineAnnealing", ByEpoch = false, MinRate = 0, Warmup = "linear", WarmupLength = 2, WarmupByEpoch = true },
            Head = new HeadConfig { Feature = "feat5", Classes = 10, LabelSmoothing = 0.1 }, CheckpointEpochs = 10, CheckpointsKept = 1, EvaluationInterval = 5,
        };

        CallResult result = await DryRunAsync("finetune", "configs/selfsup.yaml", "none", "--checkpoint-interval", "90s");

        Assert.Equal(0, result.Status);
        foreach (string line in (string[])
        [
            "benchmark   finetune, the whole network is trained",
            "checkpoint  none: from scratch",
            "head        feat5 (128 numbers, pool gap) to 10 classes, cross-entropy, labels smoothed by 0.1",
            "trained     701,466 of 701,466 parameters, fp32",
            "evaluation  every 5 epochs and at the end, 8 images at once",
            "checkpoints at every epoch's end and every 90 s; epoch_N.pth every 10 epochs, the last 1 kept",
        ])
            Assert.Contains(line + "\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("schedule    cosine per step, linear warm-up over 2 epochs: 0.1 in the first step, ", result.Out, StringComparison.Ordinal);
        Assert.Matches("work dir    work_dirs/selfsup/none/finetune/[0-9a-f]{8}\n", result.Out);
        Assert.True(_cli.Configs.LastRequest!.FromScratch);
    }

    [Fact]
    public async Task A_batch_other_than_the_names_and_workers_that_would_wait_are_warned_of()
    {
        _cli.Write("configs/r18_8xb32.yaml", "");

        CallResult result = await DryRunAsync("linear", "configs/r18_8xb32.yaml", "checkpoint.pth", "--workers", "6");

        Assert.Contains("warning: configs/r18_8xb32.yaml: the name says 8 x 32 = 256 images per step, but the config comes to 4 x 2 = 8; its learning rate is made for the former.\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("warning: 6 workers for 4 virtual ranks: 2 would only wait as spares.\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Activations_are_counted_as_the_network_makes_them()
    {
        var small = new BackboneConfig { Type = "ResNet_CIFAR", Depth = 18, StemChannels = 16, BaseChannels = 16 };

        // By hand: 5 maps of 16 x 32 x 32, then 5 (with the shortcut) of 32 x 16 x 16.
        Assert.Equal(16 * 1024, BackboneSize.Maps(small, "feat1", 32, 32));
        Assert.Equal((5 * 16 * 1024) + (5 * 32 * 256), BackboneSize.Maps(small, "feat3", 32, 32));
        Assert.Equal(BackboneSize.Of(small).Parameters, BackboneSize.UpTo(small, "feat5"));
        Assert.Equal((3 * 16 * 9) + 32, BackboneSize.UpTo(small, "feat1"));
    }
}
