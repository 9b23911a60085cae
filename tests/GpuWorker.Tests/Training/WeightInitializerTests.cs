using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.Tests.Features;

namespace ClusterBench.Tests.Training;

public sealed class WeightInitializerTests
{
    [Fact]
    public void The_backbone_is_the_checkpoints_and_the_head_is_normal_by_the_seed()
    {
        using var first = Filled(0, SampleRun.Checkpoint);
        using var again = Filled(0, SampleRun.Checkpoint);
        using var other = Filled(1, SampleRun.Checkpoint);
        foreach (var tensor in Samples.Tensors("simclr"))
        {
            var entry = first.Layout["backbone." + tensor.Name];
            if (entry.Role == TensorRole.Counter)
                Assert.Equal(tensor.Longs[0], first.Counter(entry));
            else
                Assert.Equal(tensor.Floats, first.Floats(entry).ToArray());
        }
        var head = Head(first);
        Assert.Equal(head, Head(again));
        Assert.NotEqual(head, Head(other));
        Assert.InRange(Deviation(head), 0.0094, 0.0106);
        Assert.InRange(head.Average(), -0.001, 0.001);
        Assert.DoesNotContain(first.Floats(first.Layout["head.fc.bias"]).ToArray(), value => value != 0);
    }

    [Fact]
    public void From_scratch_kernels_are_Kaiming_normal_and_blocks_begin_as_their_shortcuts()
    {
        using var weights = Filled(0, checkpoint: null);
        foreach (var entry in weights.Layout.Entries.Where(entry => entry.Role == TensorRole.Parameter && entry.Name.StartsWith("backbone.", StringComparison.Ordinal)))
        {
            var values = weights.Floats(entry).ToArray();
            if (entry.Shape.Count == 4)
                Assert.Equal(Math.Sqrt(2.0 / (entry.Shape[0] * entry.Shape[2] * entry.Shape[3])), Deviation(values), 5 / Math.Sqrt(2 * entry.Count) * Deviation(values));
            else
                Assert.All(values, value => Assert.Equal(entry.Name.EndsWith("bias", StringComparison.Ordinal) || entry.Name.EndsWith(".bn2.weight", StringComparison.Ordinal) ? 0 : 1, value));
        }
        Assert.False(weights.Floats(weights.Layout["backbone.layer1.0.conv1.weight"]).SequenceEqual(weights.Floats(weights.Layout["backbone.layer1.0.conv2.weight"])));
    }

    private static ModelWeights Filled(int seed, string? checkpoint)
    {
        RunConfig config = SampleRun.Finetune(seed);
        var weights = new ModelWeights(ClassifierNetwork.LayoutOf(config.Backbone, config.Training!.Head));
        Assert.Equal(checkpoint is null ? 0 : 2, WeightInitializer.Fill(weights, config, checkpoint).Count);
        return weights;
    }

    private static float[] Head(ModelWeights weights) => weights.Floats(weights.Layout["head.fc.weight"]).ToArray();

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));
}
