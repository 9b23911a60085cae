using ClusterBench.Configs;
using ClusterBench.GpuWorker.Devices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// A residual network without its classifier. Its features are feat1, the stem after its ReLU and before max-pooling, and
/// feat2..feat5, the outputs of layer1..layer4.
/// </summary>
public sealed class ResNet : IDisposable
{
    /// <summary>Number of features: stem and four layers.</summary>
    public const int FeatureCount = 5;

    private static readonly long[] PoolKernel = [3, 3], PoolStride = [2, 2], PoolPadding = [1, 1];

    private readonly IConvNorm _stem;
    private readonly ResidualBlock[][] _layers;
    private readonly bool _maxPool;

    /// <summary>Builds the network on a store; with <see cref="LayoutRecorder"/> that records the layout and nothing can be computed.</summary>
    /// <exception cref="UserErrorException">There is no such network.</exception>
    public ResNet(IParameterStore store, BackboneConfig config)
    {
        var shape = ResNetShape.Of(config);
        _maxPool = !shape.IsCifar;
        _stem = new ConvNorm(store, new("conv1", "bn1", config.InChannels, config.StemChannels, shape.IsCifar ? 3 : 7, shape.IsCifar ? 1 : 2));
        _layers = new ResidualBlock[shape.Blocks.Count][];
        var input = config.StemChannels;
        for (var stage = 0; stage < _layers.Length; stage++)
        {
            _layers[stage] = new ResidualBlock[shape.Blocks[stage]];
            for (var block = 0; block < _layers[stage].Length; block++)
            {
                var (name, stride) = ($"layer{stage + 1}.{block}", stage > 0 && block == 0 ? 2 : 1);
                _layers[stage][block] = shape.Bottleneck
                    ? ResidualBlock.Bottleneck(store, name, input, shape.Width(stage), stride, config.Style == "caffe")
                    : ResidualBlock.Basic(store, name, input, shape.Width(stage), stride);
                input = shape.FeatureWidths[$"feat{stage + 2}"];
            }
        }
    }

    private ResNet(IConvNorm stem, ResidualBlock[][] layers, bool maxPool) => (_stem, _layers, _maxPool) = (stem, layers, maxPool);

    /// <summary>Names, shapes and places of its tensors; needs no libtorch.</summary>
    /// <exception cref="UserErrorException">There is no such network.</exception>
    public static ParameterLayout LayoutOf(BackboneConfig config)
    {
        var recorder = new LayoutRecorder();
        using var built = new ResNet(recorder, config);
        return recorder.Layout;
    }

    /// <summary>Runs the network up to a feature.</summary>
    /// <param name="images">N x C x H x W, channels-last for speed.</param>
    /// <param name="deepest">Index of the last feature that is computed: 0 is feat1, 4 is feat5.</param>
    /// <param name="visit">
    /// Gets each feature's index and map, N x C' x H' x W', as soon as it is there. The map is disposed of after the next layer has
    /// read it: who wants to keep it takes an alias.
    /// </param>
    /// <returns>The deepest map; it belongs to the caller.</returns>
    public Tensor Forward(Tensor images, int deepest = FeatureCount - 1, Action<int, Tensor>? visit = null)
    {
        var x = _stem.Apply(images).relu_();
        visit?.Invoke(0, x);
        if (deepest > 0 && _maxPool)
            x = Next(x, functional.max_pool2d(x, PoolKernel, PoolStride, PoolPadding));
        for (var stage = 0; stage < deepest; stage++)
        {
            foreach (var block in _layers[stage])
                x = Next(x, block.Apply(x));
            visit?.Invoke(stage + 1, x);
        }
        return x;
    }

    /// <summary>Sets how batch norm works in all of the network: by the batch in training, by running statistics otherwise.</summary>
    public void SetTraining(bool training)
    {
        foreach (var unit in Units.OfType<ConvNorm>())
            unit.Training = training;
    }

    /// <summary>
    /// The same network for evaluation: batch norm folded into the convolutions, kernels channels-last and copied, so the store it
    /// came from may go. Only as deep as <paramref name="deepest"/>.
    /// </summary>
    /// <param name="device">Where the new network computes; null: the processor.</param>
    public ResNet Fold(int deepest = FeatureCount - 1, ComputeDevice? device = null)
    {
        return new(Folded(_stem), [.. _layers.Take(deepest).Select(layer => layer.Select(block => block.With(Folded)).ToArray())], _maxPool);

        IConvNorm Folded(IConvNorm unit) => unit is ConvNorm plain ? plain.Fold(device ?? ComputeDevice.Cpu) : unit;
    }

    /// <summary>Frees what folding made; the tensors of a store belong to the store.</summary>
    public void Dispose()
    {
        foreach (var unit in Units.OfType<IDisposable>())
            unit.Dispose();
    }

    private IEnumerable<IConvNorm> Units => _layers.SelectMany(layer => layer).SelectMany(block => block.Units).Prepend(_stem);

    private static Tensor Next(Tensor done, Tensor next)
    {
        done.Dispose();
        return next;
    }
}
