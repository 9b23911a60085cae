using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>A store under a prefix: what a part of a network names <c>conv1.weight</c> is <c>backbone.conv1.weight</c> in the whole.</summary>
/// <param name="store">The store of the whole network.</param>
/// <param name="prefix">With its dot, e.g. <c>backbone.</c></param>
public sealed class PrefixedStore(IParameterStore store, string prefix) : IParameterStore
{
    public Parameter Param(string name, params long[] shape) => store.Param(prefix + name, shape);

    public Tensor Buffer(string name, params long[] shape) => store.Buffer(prefix + name, shape);

    public void Counter(string name) => store.Counter(prefix + name);
}
