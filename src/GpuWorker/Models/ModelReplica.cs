using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Models;

/// <summary>
/// A network's own set of <see cref="Parameter"/> objects over the shared <see cref="ModelWeights"/>. A replica that trains has a
/// gradient bucket and a staging copy of the running statistics besides, so that nothing a forward or backward pass writes is
/// shared and a step may be abandoned anywhere.
/// </summary>
public sealed class ModelReplica : IParameterStore, IDisposable
{
    private readonly ModelWeights _weights;
    private readonly List<Tensor> _views = [];
    private readonly long _firstTrained;

    /// <param name="training">Whether the network will be trained: it then has <see cref="Gradients"/> and <see cref="Staged"/>.</param>
    /// <param name="firstTrained">
    /// Place in the flat parameters of the first that is trained; those before it are frozen and have no gradient.
    /// </param>
    public ModelReplica(ModelWeights weights, bool training = false, long firstTrained = 0)
    {
        (_weights, _firstTrained) = (weights, firstTrained);
        if (!training)
            return;
        Gradients = zeros(weights.Layout.ParameterLength - firstTrained, ScalarType.Float32).DetachFromDisposeScope();
        Staged = weights.Buffers.clone().DetachFromDisposeScope();
    }

    /// <summary>
    /// The gradients of the trained parameters in the order of the layout, from the first trained one on; backward adds to them.
    /// Null unless training.
    /// </summary>
    public Tensor? Gradients { get; }

    /// <summary>The running statistics that this replica's forward passes write. Null unless training.</summary>
    public Tensor? Staged { get; }

    /// <summary>Before a step: no gradients, and the running statistics that all replicas start from.</summary>
    public void Begin()
    {
        using var off = no_grad();
        Gradients!.zero_();
        Staged!.copy_(_weights.Buffers);
    }

    public Parameter Param(string name, params long[] shape)
    {
        var entry = _weights.Layout[name];
        // detach() shares memory and version counter: an optimizer step between a replica's forward and backward is an error,
        // not a silently wrong gradient.
        using var flat = _weights.Parameters.detach();
        using var view = View(flat, entry);
        var parameter = new Parameter(view.detach(), requires_grad: Gradients is not null && entry.Offset >= _firstTrained);
        // A gradient that is there is added to in place: it stays this view for ever, unless somebody sets it to none.
        if (parameter.requires_grad)
        {
            using var gradient = View(Gradients!, entry, _firstTrained);
            parameter.grad = gradient;
        }
        return Keep(parameter);
    }

    public Tensor Buffer(string name, params long[] shape) => Keep(View(Staged ?? _weights.Buffers, _weights.Layout[name]));

    public void Counter(string name) => _ = _weights.Layout[name];

    public void Dispose()
    {
        _views.ForEach(view => view.Dispose());
        Gradients?.Dispose();
        Staged?.Dispose();
    }

    private static Tensor View(Tensor flat, LayoutEntry entry, long start = 0)
    {
        using var part = flat.narrow(0, entry.Offset - start, entry.Count);
        return part.view([.. entry.Shape]);
    }

    private T Keep<T>(T tensor) where T : Tensor
    {
        tensor.DetachFromDisposeScope();
        _views.Add(tensor);
        return tensor;
    }
}
