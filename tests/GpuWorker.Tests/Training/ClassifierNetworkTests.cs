using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.Tests.Features;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

public sealed class ClassifierNetworkTests
{
    [Theory, InlineData("feat5", 128), InlineData("feat2", 16)]
    public void The_state_dict_is_the_whole_backbone_and_then_the_head(string feature, long width)
    {
        var layout = ClassifierNetwork.LayoutOf(Samples.Config, Head(feature));
        var backbone = ResNet.LayoutOf(Samples.Config).Entries.Select(entry => "backbone." + entry.Name);
        Assert.Equal([.. backbone, "head.fc.weight", "head.fc.bias"], layout.Entries.Select(entry => entry.Name));
        Assert.Equal([10, width], layout["head.fc.weight"].Shape);
    }

    [Fact]
    public void Layers_behind_the_heads_feature_take_no_part()
    {
        using var scope = NewDisposeScope();
        var head = Head("feat3");
        using var weights = Filled(head);
        using var replica = new ModelReplica(weights, training: true);
        using var network = new ClassifierNetwork(replica, Samples.Config, head);
        network.SetTraining(true);
        network.Forward(ones(2, 3, 32, 32)).sum().backward();
        foreach (var entry in weights.Layout.Entries.Where(entry => entry.Role == TensorRole.Parameter))
        {
            var used = ClassifierNetwork.IsUsed(entry.Name, Samples.Config, head);
            Assert.Equal(!entry.Name.Contains("layer3", StringComparison.Ordinal) && !entry.Name.Contains("layer4", StringComparison.Ordinal), used);
            Assert.Equal(used, replica.Gradients!.narrow(0, entry.Offset, entry.Count).count_nonzero().item<long>() > 0);
        }
    }

    [Fact]
    public void Folding_keeps_the_function_and_a_head_that_trains_on()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var head = Head("feat5");
        using var weights = Filled(head);
        using var replica = new ModelReplica(weights);
        using var network = new ClassifierNetwork(replica, Samples.Config, head);
        using var folded = network.Fold();
        var images = ones(2, 3, 32, 32);
        Assert.True(network.Forward(images).allclose(folded.Forward(images), 1e-4, 1e-5));
        var before = folded.Forward(images);
        weights.Floats(weights.Layout["head.fc.bias"]).Fill(3);
        Assert.False(before.allclose(folded.Forward(images)));
    }

    [Fact]
    public void A_classifier_of_one_class_is_refused() =>
        Assert.Contains("num_classes: 1", Assert.Throws<UserErrorException>(() => ClassifierNetwork.LayoutOf(Samples.Config, new HeadConfig { Feature = "feat5", Classes = 1 })).Message, StringComparison.Ordinal);

    private static HeadConfig Head(string feature) => new() { Feature = feature, Classes = 10 };

    private static ModelWeights Filled(HeadConfig head)
    {
        var weights = new ModelWeights(ClassifierNetwork.LayoutOf(Samples.Config, head));
        foreach (var entry in weights.Layout.Entries.Where(entry => entry.Role != TensorRole.Counter))
            Formula.FillTensor(weights.Floats(entry), entry.Name, entry.Shape);
        return weights;
    }
}
