using ClusterBench.Configs;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Features;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// A backbone and a linear classifier on the global average of one of its features. State-dict names are upstream's:
/// <c>backbone.*</c> and <c>head.fc.*</c>, in that order. It computes only as deep as the feature lies; all of the backbone's
/// tensors belong to the state dict.
/// </summary>
public sealed class ClassifierNetwork : IDisposable
{
    /// <summary>What the names of the parts begin with.</summary>
    public const string BackbonePrefix = "backbone.", HeadPrefix = "head.";

    private static readonly long[] Positions = [2, 3];

    private readonly ResNet _backbone;
    private readonly LinearHead _head;
    private readonly int _feature;

    /// <summary>Builds the network on a store; with <see cref="LayoutRecorder"/> that records the layout and nothing can be computed.</summary>
    /// <exception cref="UserErrorException">There is no such network or feature.</exception>
    public ClassifierNetwork(IParameterStore store, BackboneConfig backbone, HeadConfig head)
    {
        var column = FeatureOf(backbone, head);
        _feature = column.Index;
        _backbone = new ResNet(new PrefixedStore(store, BackbonePrefix), backbone);
        _head = new LinearHead(new PrefixedStore(store, HeadPrefix), column.Width, head.Classes);
    }

    private ClassifierNetwork(ResNet backbone, LinearHead head, int feature) => (_backbone, _head, _feature) = (backbone, head, feature);

    /// <summary>The feature that the head reads.</summary>
    /// <exception cref="UserErrorException">There is no such network or feature, or a classifier needs two classes.</exception>
    public static FeatureColumn FeatureOf(BackboneConfig backbone, HeadConfig head) => head.Classes >= 2
        ? FeatureNames.Resolve(backbone, [head.Feature], FeatureNames.GlobalAverage)[0]
        : throw new UserErrorException($"model.head.num_classes: {head.Classes} makes no classifier; it must be at least 2.");

    /// <summary>Names, shapes and places of its tensors; needs no libtorch.</summary>
    /// <exception cref="UserErrorException">There is no such network or feature.</exception>
    public static ParameterLayout LayoutOf(BackboneConfig backbone, HeadConfig head)
    {
        var recorder = new LayoutRecorder();
        using var built = new ClassifierNetwork(recorder, backbone, head);
        return recorder.Layout;
    }

    /// <summary>
    /// Whether a tensor takes part in what the network computes: the layers behind the head's feature do not, so they get no
    /// gradient and their statistics do not move.
    /// </summary>
    public static bool IsUsed(string name, BackboneConfig backbone, HeadConfig head)
    {
        const string layer = BackbonePrefix + "layer";
        return !name.StartsWith(layer, StringComparison.Ordinal) || name[layer.Length] - '0' <= FeatureOf(backbone, head).Index;
    }

    /// <param name="images">N x C x H x W, channels-last for speed.</param>
    /// <returns>Logits, N x classes.</returns>
    public Tensor Forward(Tensor images)
    {
        using var feature = Pooled(_backbone, images, _feature);
        return _head.Forward(feature);
    }

    /// <summary>Sets how batch norm works: by the batch in training, by running statistics otherwise.</summary>
    public void SetTraining(bool training) => _backbone.SetTraining(training);

    /// <summary>
    /// The same network for evaluation: batch norm of the backbone folded and copied as it stands now; the head goes on sharing the
    /// store's weights.
    /// </summary>
    public ClassifierNetwork Fold() => new(_backbone.Fold(_feature, ComputeDevice.Cpu), _head, _feature);

    /// <summary>The global average of a feature: N x width.</summary>
    internal static Tensor Pooled(ResNet backbone, Tensor images, int feature)
    {
        using var map = backbone.Forward(images, feature);
        return map.mean(Positions);
    }

    public void Dispose() => _backbone.Dispose();
}
