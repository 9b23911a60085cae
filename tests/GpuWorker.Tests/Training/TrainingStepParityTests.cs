using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Models;
using ClusterBench.Tests.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

/// <summary>
/// Two training steps of one virtual rank against those of the original Python code; bounds are the reference's own (its models.md:
/// ReLUs flip with the order of sums).
/// </summary>
[Collection(nameof(RunsAlone))]
public sealed class TrainingStepParityTests
{
    [Theory, InlineData("resnet18"), InlineData("resnet18_cifar")]
    public void Two_steps_are_those_of_PyTorch(string name)
    {
        var entry = ModelFixture.Training(name);
        var steps = entry.GetProperty("steps").EnumerateArray().ToArray();
        var plan = new TrainingPlan(Config(entry), 8, 1);
        using var scope = NewDisposeScope();
        using var state = new TrainingState(plan);
        foreach (var place in state.Weights.Layout.Entries.Where(place => place.Role != TensorRole.Counter))
            Formula.FillTensor(state.Weights.Floats(place), place.Name, place.Shape);
        using var rank = new VirtualRank(0, plan, state, frozen: null);
        using var tokens = new ComputeTokens(1);
        var guard = new FirstShapeGuard(tokens);
        var images = ModelFixture.Input(entry);
        int[] labels = [.. entry.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())];

        var first = rank.Compute(images, labels, guard);
        var loss = steps[0].GetProperty("loss").GetDouble();
        Assert.Equal(loss, first.Loss, 1e-5 * loss);
        CheckGradients(state, rank, steps[0]);
        using var sum = rank.Gradients.clone();
        state.Apply(sum, rank.Staged);
        CheckStatistics(state, steps[0]);

        var second = rank.Compute(images, labels, guard);
        loss = steps[1].GetProperty("loss").GetDouble();
        Assert.Equal(loss, second.Loss, 1e-3 * loss);
        state.Apply(rank.Gradients, rank.Staged);
        Assert.Equal(2, state.Step);

        using var replica = new ModelReplica(state.Weights);
        using var network = new ClassifierNetwork(replica, plan.Config.Backbone, plan.Training.Head);
        var expected = ModelFixture.Floats(entry.GetProperty("eval_logits_after_2_steps"));
        Assert.InRange(ModelFixture.Relative(network.Forward(images).Floats(), expected), 0, 2e-3);
        using var folded = network.Fold();
        Assert.InRange(ModelFixture.Relative(folded.Forward(images).Floats(), expected), 0, 2e-3);
    }

    private static void CheckGradients(TrainingState state, VirtualRank rank, JsonElement step)
    {
        var gradients = step.GetProperty("grads").EnumerateArray().ToArray();
        Assert.Equal(state.Weights.Layout.Entries.Where(entry => entry.Role == TensorRole.Parameter).Select(entry => entry.Name), gradients.Select(gradient => gradient[0].GetString()!));
        foreach (var gradient in gradients)
        {
            var place = state.Weights.Layout[gradient[0].GetString()!];
            var actual = rank.Gradients.Floats().Slice((int)place.Offset, (int)place.Count).ToArray();
            var norm = gradient[1].GetDouble();
            Assert.Equal(norm, Math.Sqrt(actual.Sum(value => (double)value * value)), 3e-3 * norm);
            var values = ModelFixture.Floats(gradient[2]);
            Assert.InRange(ModelFixture.Relative(actual.AsSpan(0, values.Length), values, actual.Max(Math.Abs)), 0, 3e-2);
        }
    }

    private static void CheckStatistics(TrainingState state, JsonElement step)
    {
        foreach (var statistic in step.GetProperty("running_stats").EnumerateArray())
        {
            var place = state.Weights.Layout["backbone." + statistic[0].GetString()];
            if (place.Role == TensorRole.Counter)
            {
                Assert.Equal(statistic[1].GetInt64(), state.Weights.Counter(place));
                continue;
            }
            var (actual, expected) = (state.Weights.Floats(place).ToArray(), ModelFixture.Floats(statistic[1]));
            Assert.InRange(ModelFixture.Relative(actual.AsSpan(0, expected.Length), expected, actual.Max(Math.Abs)), 0, 1e-5);
        }
    }

    private static RunConfig Config(JsonElement entry)
    {
        var optimizer = entry.GetProperty("optimizer");
        var config = SampleRun.Finetune();
        return config with
        {
            Backbone = ModelFixture.Config(entry),
            Training = config.Training! with
            {
                VirtualRanks = 1, ImagesPerRank = 4,
                Optimizer = new OptimizerConfig
                {
                    LearningRate = optimizer.GetProperty("lr").GetDouble(), Momentum = optimizer.GetProperty("momentum").GetDouble(),
                    WeightDecay = optimizer.GetProperty("weight_decay").GetDouble(),
                },
                Schedule = new ScheduleConfig { Policy = "Fixed" },
            },
        };
    }
}
