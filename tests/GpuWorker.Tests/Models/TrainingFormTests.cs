using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Models;

/// <summary>The form that training will use: gradients in a bucket, statistics staged, weights shared between replicas.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TrainingFormTests
{
    [Theory, InlineData("resnet18"), InlineData("resnet18_cifar")]
    public void First_step_gives_the_loss_statistics_and_gradients_of_PyTorch(string name)
    {
        var entry = ModelFixture.Training(name);
        var step = entry.GetProperty("steps")[0];
        using var scope = NewDisposeScope();
        using var weights = ModelFixture.Filled(ModelFixture.Config(entry), "backbone.");
        using var replica = new ModelReplica(weights, training: true);
        var network = new ResNet(replica, ModelFixture.Config(entry));
        network.SetTraining(true);
        var logits = Forward(network, entry, "head.fc.");
        var labels = empty(4, ScalarType.Int64);
        entry.GetProperty("labels").EnumerateArray().Select(label => label.GetInt64()).ToArray().CopyTo(labels.Longs());
        var loss = nn.functional.cross_entropy(logits, labels);
        loss.backward();

        Assert.Equal(step.GetProperty("loss").GetDouble(), loss.detach().Floats()[0], 1e-5 * step.GetProperty("loss").GetDouble());
        Assert.InRange(ModelFixture.Relative(logits.detach().Floats(), ModelFixture.Floats(step.GetProperty("logits"))), 0, 1e-5);
        foreach (var statistic in step.GetProperty("running_stats").EnumerateArray().Where(statistic => statistic[1].ValueKind == System.Text.Json.JsonValueKind.Array))
        {
            var place = weights.Layout[statistic[0].GetString()!];
            var expected = ModelFixture.Floats(statistic[1]);
            var actual = Slice(replica.Staged!, place);
            Assert.InRange(ModelFixture.Relative(actual.AsSpan(0, expected.Length), expected, actual.Max(Math.Abs)), 0, 1e-5);
        }
        // ReLUs flip with the order of sums: the reference's own bound for norms (its models.md) is 3e-3.
        foreach (var gradient in step.GetProperty("grads").EnumerateArray().Where(gradient => gradient[0].GetString()!.StartsWith("backbone.", StringComparison.Ordinal)))
        {
            var place = weights.Layout[gradient[0].GetString()!["backbone.".Length..]];
            var norm = Math.Sqrt(Slice(replica.Gradients!, place).Sum(value => (double)value * value));
            Assert.Equal(gradient[1].GetDouble(), norm, 3e-3 * gradient[1].GetDouble());
        }
    }

    [Fact]
    public void Replicas_share_weights_but_neither_gradients_nor_statistics()
    {
        var entry = ModelFixture.Training("resnet18_cifar");
        var config = ModelFixture.Config(entry);
        using var scope = NewDisposeScope();
        using var weights = ModelFixture.Filled(config, "backbone.");
        var before = weights.Buffers.Floats().ToArray();
        using var first = new ModelReplica(weights, training: true);
        using var second = new ModelReplica(weights, training: true);
        var (trained, idle) = (new ResNet(first, config), new ResNet(second, config));
        trained.SetTraining(true);
        Forward(trained, entry, "head.fc.").sum().backward();
        Assert.Contains(first.Gradients!.Floats().ToArray(), value => value != 0);
        Assert.DoesNotContain(second.Gradients!.Floats().ToArray(), value => value != 0);
        Assert.NotEqual(before, first.Staged!.Floats().ToArray());
        Assert.Equal(before, weights.Buffers.Floats().ToArray());
        Assert.Equal(before, second.Staged!.Floats().ToArray());
        first.Begin();
        Assert.Equal(before, first.Staged!.Floats().ToArray());
        Assert.DoesNotContain(first.Gradients!.Floats().ToArray(), value => value != 0);

        // A change of the one set of weights is seen by every replica without a copy.
        var old = Forward(idle, entry, "head.fc.").detach().Floats().ToArray();
        weights.Floats(weights.Layout["bn1.bias"]).Fill(0.5f);
        Assert.NotEqual(old, Forward(idle, entry, "head.fc.").detach().Floats().ToArray());
    }

    [Fact]
    public void Changing_the_weights_between_forward_and_backward_is_an_error()
    {
        var entry = ModelFixture.Training("resnet18_cifar");
        using var scope = NewDisposeScope();
        using var weights = ModelFixture.Filled(ModelFixture.Config(entry), "backbone.");
        using var replica = new ModelReplica(weights, training: true);
        var network = new ResNet(replica, ModelFixture.Config(entry));
        network.SetTraining(true);
        var logits = Forward(network, entry, "head.fc.");
        using (no_grad())
            weights.Parameters.zero_();
        Assert.Contains("modified by an inplace operation", Assert.ThrowsAny<Exception>(() => logits.sum().backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_tensor_lies_at_64_bytes_in_the_flat_memory()
    {
        var layout = ResNet.LayoutOf(ModelFixture.Config(ModelFixture.Model("resnet50")));
        Assert.All(layout.Entries.Where(entry => entry.Role != TensorRole.Counter), entry => Assert.Equal(0, entry.Offset * sizeof(float) % 64));
        using var weights = new ModelWeights(layout);
        Assert.True(weights.Parameters.IsAligned() && weights.Buffers.IsAligned());
    }

    private static Tensor Forward(ResNet network, System.Text.Json.JsonElement entry, string head)
    {
        var map = network.Forward(ModelFixture.Input(entry));
        var (weight, bias) = (empty(10, map.shape[1]), empty(10));
        Formula.FillTensor(weight.Floats(), head + "weight", [10, map.shape[1]]);
        Formula.FillTensor(bias.Floats(), head + "bias", [10]);
        return nn.functional.linear(map.mean([2, 3]), weight, bias);
    }

    private static float[] Slice(Tensor flat, LayoutEntry entry) => flat.Floats().Slice((int)entry.Offset, (int)entry.Count).ToArray();
}
