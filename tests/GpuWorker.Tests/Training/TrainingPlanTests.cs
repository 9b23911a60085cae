using ClusterBench.Configs;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

[Collection(nameof(RunsAlone))]
public sealed class TrainingPlanTests
{
    [Fact]
    public void Steps_epochs_and_batches_follow_from_config_and_lists()
    {
        var plan = new TrainingPlan(With(SampleRun.Finetune(epochs: 5), training => training with { EvaluationInterval = 2, LogInterval = 10 }), 2000, 1000);
        Assert.Equal((32, 160L, 64, 16), (plan.StepsPerEpoch, plan.Steps, plan.EffectiveBatch, plan.EvaluationBatches));
        Assert.Equal((0, 31, 1, 0), (plan.EpochOf(31), plan.IterationOf(31), plan.EpochOf(32), plan.IterationOf(32)));
        Assert.Equal([2, 4, 5], Enumerable.Range(1, 5).Where(plan.IsEvaluated));
        Assert.Equal([9L, 19, 29], Enumerable.Range(0, 32).Select(step => (long)step).Where(plan.IsLogged));
    }

    [Fact]
    public void What_cannot_be_trained_is_refused()
    {
        Assert.Contains("virtual_ranks", Assert.Throws<UserErrorException>(() => new TrainingPlan(With(SampleRun.Linear(), t => t with { VirtualRanks = 0 }), 10, 10)).Message, StringComparison.Ordinal);
        Assert.Contains("validation list", Assert.Throws<UserErrorException>(() => new TrainingPlan(SampleRun.Linear(), 10, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TrainingPlan(SampleRun.Linear() with { Training = null }, 10, 10));
        var config = SampleRun.Linear() with { Device = "cuda" };
        Assert.Contains("--device cpu", Assert.Throws<UserErrorException>(() => new TrainingSession(new TrainingPlan(config, 4, 4), SampleRun.Data(config, 4, 4), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Smoothed_cross_entropy_spreads_its_share_over_all_classes()
    {
        const double smoothing = 0.1;
        var config = With(SampleRun.Linear(), training => training with { Head = training.Head with { LabelSmoothing = smoothing } });
        using var session = FewSteps.Session(config, 1);
        using var frozen = new FrozenBackbone(session.State.Weights, config.Backbone, config.Training!.Head);
        using var rank = new VirtualRank(0, session.Plan, session.State, frozen);
        var bias = session.State.Weights.Floats(session.State.Weights.Layout["head.fc.bias"]);
        session.State.Weights.Floats(session.State.Weights.Layout["head.fc.weight"]).Clear();
        for (var i = 0; i < bias.Length; i++)
            bias[i] = i / 4f;
        using var scope = NewDisposeScope();
        var record = rank.Compute(zeros(2, 3, 32, 32).ChannelsLast(), [3, 9], session.Guard);
        double[] logits = [.. bias.ToArray().Select(value => (double)value)];
        var total = Math.Log(logits.Sum(Math.Exp));
        double Loss(int label) => ((1 - smoothing) * (total - logits[label])) + (smoothing * logits.Average(logit => total - logit));
        Assert.Equal((Loss(3) + Loss(9)) / 2, record.Loss, 1e-6);
        Assert.Equal((2, 1, 1), (record.Images, record.Top1, record.Top5));
    }

    private static RunConfig With(RunConfig config, Func<TrainingConfig, TrainingConfig> change) => config with { Training = change(config.Training!) };
}
