using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class TrainingTextTests
{
    [Fact]
    public void An_optimizer_is_told_by_what_it_has()
    {
        Assert.Equal("SGD: learning rate 1", TrainingText.Optimizer(new OptimizerConfig { LearningRate = 1 }));
        Assert.Equal(
            "SGD: learning rate 0.1, momentum 0.9, weight decay 0.0001, Nesterov, options of their own for parameters that match head",
            TrainingText.Optimizer(new OptimizerConfig { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-4, Nesterov = true, Paramwise = [new ParamwiseConfig("head", 10)] }));
    }

    [Fact]
    public void A_schedule_is_told_with_its_unit_and_its_warm_up()
    {
        Assert.Equal("Fixed", TrainingText.Schedule(new ScheduleConfig { Policy = "Fixed" }));
        Assert.Equal("Step: times 0.1 at epochs 60, 80", TrainingText.Schedule(new ScheduleConfig { Policy = "Step", Steps = [60, 80] }));
        Assert.Equal("Step: times 0.5 every 30 epochs", TrainingText.Schedule(new ScheduleConfig { Policy = "Step", Steps = [30], StepRepeats = true, Gamma = 0.5 }));
        Assert.Equal("CosineAnnealing: by step down to 0", TrainingText.Schedule(new ScheduleConfig { Policy = "CosineAnnealing", ByEpoch = false }));
        Assert.Equal(
            "Poly: by epoch with power 2 down to 0.01 of the rate; exp warm-up over 1 epoch from 0.1 of the rate",
            TrainingText.Schedule(new ScheduleConfig { Policy = "Poly", Power = 2, MinRatio = 0.01, Warmup = "exp", WarmupLength = 1, WarmupByEpoch = true }));
        Assert.Equal(
            "StepFixCosineAnnealing: by epoch down to 0; linear warm-up over 500 steps from 0 of the rate",
            TrainingText.Schedule(new ScheduleConfig { Policy = "StepFixCosineAnnealing", Warmup = "linear", WarmupLength = 500 }));
    }
}
