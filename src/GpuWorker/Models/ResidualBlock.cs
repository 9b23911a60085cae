using ClusterBench.Configs;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// A residual block: relu(branch(x) + shortcut(x)). The branch is a chain of convolutions with batch norm and a ReLU after each but
/// the last: two 3x3 in a basic block, 1x1 - 3x3 - 1x1 in a bottleneck. The shortcut is the input itself or a 1x1 convolution with
/// batch norm where shapes differ.
/// </summary>
public sealed class ResidualBlock
{
    private readonly IConvNorm[] _branch;
    private readonly IConvNorm? _shortcut;

    private ResidualBlock(IConvNorm[] branch, IConvNorm? shortcut) => (_branch, _shortcut) = (branch, shortcut);

    /// <summary>Two 3x3 convolutions; the first has the stride (ResNet-18 and -34).</summary>
    public static ResidualBlock Basic(IParameterStore store, string name, int input, int width, int stride) => new(
        [
            new ConvNorm(store, new($"{name}.conv1", $"{name}.bn1", input, width, 3, stride)),
            new ConvNorm(store, new($"{name}.conv2", $"{name}.bn2", width, width, 3, 1)),
        ],
        Shortcut(store, name, input, width, stride));

    /// <summary>1x1, 3x3, 1x1 (ResNet-50 and deeper); <paramref name="caffe"/> puts the stride into the first instead of the 3x3.</summary>
    public static ResidualBlock Bottleneck(IParameterStore store, string name, int input, int width, int stride, bool caffe) => new(
        [
            new ConvNorm(store, new($"{name}.conv1", $"{name}.bn1", input, width, 1, caffe ? stride : 1)),
            new ConvNorm(store, new($"{name}.conv2", $"{name}.bn2", width, width, 3, caffe ? 1 : stride)),
            new ConvNorm(store, new($"{name}.conv3", $"{name}.bn3", width, width * ResNetShape.BottleneckExpansion, 1, 1)),
        ],
        Shortcut(store, name, input, width * ResNetShape.BottleneckExpansion, stride));

    /// <returns>A new tensor; the input is left as it is.</returns>
    public Tensor Apply(Tensor input)
    {
        var x = input;
        for (var i = 0; i < _branch.Length; i++)
        {
            var y = _branch[i].Apply(x);
            if (i < _branch.Length - 1)
                y.relu_();
            if (i > 0)
                x.Dispose();
            x = y;
        }
        if (_shortcut is null)
            return x.add_(input, Numbers.One).relu_();
        using var shortcut = _shortcut.Apply(input);
        return x.add_(shortcut, Numbers.One).relu_();
    }

    internal IEnumerable<IConvNorm> Units => _shortcut is null ? _branch : _branch.Append(_shortcut);

    internal ResidualBlock With(Func<IConvNorm, IConvNorm> form) =>
        new([.. _branch.Select(form)], _shortcut is null ? null : form(_shortcut));

    private static ConvNorm? Shortcut(IParameterStore store, string name, int input, int output, int stride) =>
        stride == 1 && input == output ? null
            : new ConvNorm(store, new($"{name}.downsample.0", $"{name}.downsample.1", input, output, 1, stride));
}
