using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Models;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// A backbone that only computes: in evaluation mode, batch norm folded, without a graph for gradients. All virtual ranks of a worker
/// share it. It is a copy, so nothing that trains can change it, and it reads the weights once only.
/// </summary>
internal sealed class FrozenBackbone : IDisposable
{
    private readonly ResNet _network;
    private readonly int _feature;

    public FrozenBackbone(ModelWeights weights, Configs.BackboneConfig backbone, Configs.HeadConfig head)
    {
        _feature = ClassifierNetwork.FeatureOf(backbone, head).Index;
        using var scope = NewDisposeScope();
        using var replica = new ModelReplica(weights);
        using var plain = new ResNet(new PrefixedStore(replica, ClassifierNetwork.BackbonePrefix), backbone);
        _network = plain.Fold(_feature, ComputeDevice.Cpu);
    }

    /// <returns>The head's feature, N x width, without a gradient.</returns>
    public Tensor Feature(Tensor images)
    {
        using var off = no_grad();
        return ClassifierNetwork.Pooled(_network, images, _feature);
    }

    public void Dispose() => _network.Dispose();
}
