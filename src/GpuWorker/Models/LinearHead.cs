using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ClusterBench.GpuWorker.Models;

/// <summary>A linear classifier: logits = feature * weight^T + bias. Upstream's ClsHead, whose layer is named <c>fc</c>.</summary>
public sealed class LinearHead
{
    private readonly Parameter _weight, _bias;

    /// <param name="store">Names are <c>fc.weight</c>, classes x width, and <c>fc.bias</c>, classes.</param>
    /// <param name="width">Numbers of one feature vector.</param>
    public LinearHead(IParameterStore store, long width, long classes)
    {
        _weight = store.Param("fc.weight", classes, width);
        _bias = store.Param("fc.bias", classes);
    }

    /// <param name="feature">N x width, contiguous.</param>
    /// <returns>Logits, N x classes.</returns>
    public Tensor Forward(Tensor feature) => functional.linear(feature, _weight, _bias);
}
