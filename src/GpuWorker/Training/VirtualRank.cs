using System.Globalization;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// One of the V parts that a config spreads its batch over: a replica of the network with a gradient bucket and a staging copy of the
/// batch-norm statistics of its own. Computing a step changes nothing else, so it may be abandoned anywhere.
/// </summary>
internal sealed class VirtualRank : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ModelReplica _replica;
    private readonly ClassifierNetwork? _network;
    private readonly LinearHead? _head;
    private readonly FrozenBackbone? _frozen;

    /// <param name="number">0 to V - 1.</param>
    /// <param name="frozen">The worker's backbone where it is not trained; only the head has a gradient then.</param>
    public VirtualRank(int number, TrainingPlan plan, TrainingState state, FrozenBackbone? frozen)
    {
        (Number, _plan, _frozen) = (number, plan, frozen);
        var (backbone, head) = (plan.Config.Backbone, plan.Training.Head);
        using var scope = NewDisposeScope();
        _replica = new ModelReplica(state.Weights, training: true, state.FirstTrained);
        if (frozen is null)
        {
            _network = new ClassifierNetwork(_replica, backbone, head);
            _network.SetTraining(true);
        }
        else
        {
            _head = new LinearHead(new PrefixedStore(_replica, ClassifierNetwork.HeadPrefix), ClassifierNetwork.FeatureOf(backbone, head).Width, head.Classes);
        }
    }

    public int Number { get; }

    /// <summary>The leaf of the reduction: the gradient of the rank's mean loss at every trained parameter.</summary>
    public Tensor Gradients => _replica.Gradients!;

    /// <summary>The running statistics after the rank's own batch.</summary>
    public Tensor Staged => _replica.Staged!;

    /// <summary>Forward and backward of one batch; for the first of a shape alone and twice.</summary>
    /// <param name="images">N x 3 x H x W, channels-last.</param>
    /// <param name="labels">N classes.</param>
    /// <param name="guard">Owned by the process, for kernels are made once in a process.</param>
    /// <exception cref="UnreliableKernelException">The first computation of the shape, done twice, gave two results.</exception>
    public RankRecord Compute(Tensor images, int[] labels, FirstShapeGuard guard)
    {
        var (backbone, shape) = (_plan.Config.Backbone, images.shape);
        var name = string.Create(CultureInfo.InvariantCulture,
            $"a training step of {backbone.Type}-{backbone.Depth} up to {_plan.Training.Head.Feature}{(_frozen is null ? "" : " (frozen)")}, {string.Join(" x ", shape)}, {_plan.Config.Threads} threads");
        var keep = !guard.IsProven(name);
        return guard.Run(name, () => Outcome(ForwardBackward(images, labels), keep), Difference).Record;
    }

    /// <summary>For tests: called after every backward pass, to disturb its result.</summary>
    internal Action? AfterBackward { get; set; }

    public void Dispose()
    {
        _network?.Dispose();
        _replica.Dispose();
    }

    private RankRecord ForwardBackward(Tensor images, int[] labels)
    {
        // The scope's list is also what keeps a temporary alive while native code still reads it.
        using var scope = NewDisposeScope();
        _replica.Begin();
        var logits = _frozen is null ? _network!.Forward(images) : _head!.Forward(_frozen.Feature(images));
        var loss = functional.cross_entropy(logits, BatchTensors.Targets(labels), label_smoothing: _plan.Training.Head.LabelSmoothing);
        loss.backward();
        AfterBackward?.Invoke();
        var counts = TopCounts.Of(logits.detach().Floats(), labels, _plan.Training.Head.Classes);
        return new RankRecord(
            loss.detach().Floats()[0], labels.Length, counts?.Top1 ?? 0, counts?.Top5 ?? 0, counts is null ? RankFlags.NotANumber : RankFlags.None);
    }

    /// <summary>What the first computation of a shape is compared by; its bucket is written again by the second.</summary>
    private (RankRecord Record, float[][] Values) Outcome(RankRecord record, bool keep) =>
        (record, keep ? [Gradients.Floats().ToArray(), Staged.Floats().ToArray(), [(float)record.Loss]] : []);

    private static string? Difference((RankRecord Record, float[][] Values) first, (RankRecord Record, float[][] Values) second) =>
        Bits.Difference(first.Values, second.Values);
}
