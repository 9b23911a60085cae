using ClusterBench.GpuWorker.Models;
using ClusterBench.Tests.Features;

namespace ClusterBench.Tests.Models;

public sealed class WeightLoaderTests
{
    [Fact]
    public void A_whole_backbone_is_loaded_bit_by_bit_with_its_counters()
    {
        using var weights = ModelWeights.For(Samples.Config);
        var tensors = Samples.Tensors("simclr");
        var report = WeightLoader.Load(weights, tensors, "simclr.pth", allowPartial: false);
        Assert.Equal(weights.Layout.Entries.Select(entry => entry.Name), report.Matched, StringComparer.Ordinal);
        Assert.Equal(["120 tensors of the backbone loaded"], report.Lines);
        foreach (var tensor in tensors)
        {
            var entry = weights.Layout[tensor.Name];
            if (entry.Role == TensorRole.Counter)
                Assert.Equal(tensor.Longs[0], weights.Counter(entry));
            else
                Assert.Equal(tensor.Floats, weights.Floats(entry).ToArray());
        }
    }

    [Fact]
    public void What_is_left_over_is_reported_and_a_missing_count_of_batches_is_no_loss()
    {
        var tensors = Samples.Tensors("random").Where(tensor => tensor.DType != "int64").ToList();
        tensors.Add(new StoredTensor("fc.weight", "float32", [1], [1], []));
        using var weights = ModelWeights.For(Samples.Config);
        var report = WeightLoader.Load(weights, tensors, "a.pth", allowPartial: false);
        Assert.True(report.IsComplete);
        Assert.Equal(20, report.Missing.Count);
        Assert.Equal(["fc.weight"], report.LeftOver);
        Assert.Equal("1 left over in the checkpoint (not part of the backbone): fc.weight", report.Lines[2]);
    }

    [Fact]
    public void A_backbone_with_a_missing_and_a_misfitting_tensor_is_refused_with_both_shapes()
    {
        var tensors = Samples.Tensors("random").Where(tensor => tensor.Name != "layer2.0.bn1.running_var").ToList();
        tensors[0] = tensors[0] with { Shape = [16, 3, 1, 9] };
        using var weights = ModelWeights.For(Samples.Config);
        var error = Assert.Throws<UserErrorException>(() => WeightLoader.Load(weights, tensors, "moco.pth", allowPartial: false));
        Assert.Equal(
            """
            moco.pth: only 98 of the 100 parameters and batch-norm statistics of the backbone can be loaded.
              118 tensors of the backbone loaded
              1 missing in the checkpoint: layer2.0.bn1.running_var
              1 not fitting: conv1.weight: float32 [16, 3, 1, 9] in the checkpoint, float32 [16, 3, 3, 3] in the network
            Check that model.backbone of the config describes the network the checkpoint comes from; --allow-partial takes it as it is: missing norms then do nothing and missing kernels are zero.
            """, error.Message);
    }

    [Fact]
    public void A_partial_backbone_is_taken_when_allowed_and_missing_norms_do_nothing()
    {
        var tensors = Samples.Tensors("random").Where(tensor => !tensor.Name.StartsWith("layer4.1.bn2", StringComparison.Ordinal));
        using var weights = ModelWeights.For(Samples.Config);
        var report = WeightLoader.Load(weights, tensors, "a.pth", allowPartial: true);
        Assert.False(report.IsComplete);
        Assert.Equal(5, report.Missing.Count);
        Assert.Equal([1f, 0f, 0f, 1f], new[] { "weight", "bias", "running_mean", "running_var" }.Select(kind => weights.Floats(weights.Layout["layer4.1.bn2." + kind])[7]));
    }

    [Fact]
    public void A_checkpoint_of_another_architecture_is_refused_even_when_parts_are_allowed()
    {
        using var weights = ModelWeights.For(Samples.Config);
        var error = Assert.Throws<UserErrorException>(() => WeightLoader.Load(
            weights, [new StoredTensor("blocks.0.attn.qkv.weight", "float32", [1], [1], [])], "vit.pth", allowPartial: true));
        Assert.StartsWith("vit.pth: only 0 of the 100 parameters", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("It holds no backbone of this architecture: compare model.backbone of the config with the network the checkpoint comes from.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_no_numbers_are_named_and_a_name_that_comes_twice_is_an_error()
    {
        var tensors = Samples.Tensors("random");
        tensors[1].Floats[3] = float.NaN;
        using var weights = ModelWeights.For(Samples.Config);
        Assert.Contains("1 holding NaN or infinity: bn1.weight", WeightLoader.Load(weights, tensors, "a.pth", false).Lines, StringComparer.Ordinal);
        tensors.Add(tensors[0]);
        Assert.Equal("a.pth: the tensor conv1.weight of the backbone is there twice.",
            Assert.Throws<UserErrorException>(() => WeightLoader.Load(weights, tensors, "a.pth", false)).Message);
    }

    [Theory]
    [InlineData("ViT", 18, "pytorch", "model.backbone.type: 'ViT' is not known here. Valid: ResNet, ResNet_CIFAR.")]
    [InlineData("ResNet", 20, "pytorch", "model.backbone.depth: '20' is not known here. Valid: 18, 34, 50, 101, 152.")]
    [InlineData("ResNet", 50, "torch", "model.backbone.style: 'torch' is not known here. Valid: pytorch, caffe.")]
    public void A_network_that_is_not_there_is_an_error_that_lists_what_is(string type, int depth, string style, string message) =>
        Assert.Equal(message, Assert.Throws<UserErrorException>(
            () => ModelSummary.Of(new() { Type = type, Depth = depth, Style = style })).Message);
}
