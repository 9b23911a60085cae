using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// All that a training run has come to: weights, batch-norm statistics and counts, the optimizer's momentum and the number of
/// applied steps. Everything else (data, learning rate, random numbers) follows from the plan and the step. Only
/// <see cref="Apply"/> and a replacement by a checkpoint or a peer change it.
/// </summary>
public sealed class TrainingState : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly FlatSgd _optimizer;
    private readonly Tensor _trained;
    private readonly LayoutEntry[] _counters;

    /// <summary>A state of step 0 whose weights are still to be filled (<see cref="WeightInitializer"/>, a checkpoint or a peer).</summary>
    /// <exception cref="UserErrorException">The network, its feature or an option of the optimizer is wrong.</exception>
    public TrainingState(TrainingPlan plan)
    {
        _plan = plan;
        var (backbone, head) = (plan.Config.Backbone, plan.Training.Head);
        var layout = ClassifierNetwork.LayoutOf(backbone, head);
        FirstTrained = plan.Training.FrozenBackbone ? layout[ClassifierNetwork.HeadPrefix + "fc.weight"].Offset : 0;
        Groups = ParameterGroups.Of(plan.Training.Optimizer, layout.FlatParameters(IsTrained)
            .Where(parameter => parameter.Offset >= FirstTrained).Select(parameter => parameter with { Offset = parameter.Offset - FirstTrained }));
        Weights = new ModelWeights(layout);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _trained = Weights.Parameters.detach().narrow(0, FirstTrained, layout.ParameterLength - FirstTrained).DetachFromDisposeScope();
        _optimizer = new FlatSgd(_trained, Groups, plan.Training.Optimizer);
        _counters = plan.Training.FrozenBackbone ? []
            : [.. layout.Entries.Where(entry => entry.Role == TensorRole.Counter && ClassifierNetwork.IsUsed(entry.Name, backbone, head))];
    }

    public ModelWeights Weights { get; }

    /// <summary>Options of the trained parameters by name, and the runs that they are stepped in.</summary>
    public ParameterGroups Groups { get; }

    /// <summary>Place in the flat parameters of the first that is trained: 0, or the head's where the backbone is frozen.</summary>
    public long FirstTrained { get; }

    /// <summary>Steps applied so far; the next one is the step of this number, counted from 0.</summary>
    public long Step { get; private set; }

    /// <summary>
    /// Whether a change was begun and not finished: the state is of no step then, may be no source for others, and computes nothing
    /// until it is replaced as a whole.
    /// </summary>
    public bool IsTorn { get; private set; }

    /// <summary>The momentum of the trained parameters, flat, from <see cref="FirstTrained"/> on; 0 until the first step.</summary>
    public Tensor Momentum => _optimizer.Momentum;

    /// <summary>
    /// The flat tensors that, with the step, are the whole state: parameters, statistics, counts (int64), momentum. For a copy from or
    /// to a peer; a receiver writes into them between <see cref="BeginReplace"/> and <see cref="EndReplace"/>.
    /// </summary>
    public IReadOnlyList<StateTensor> Parts =>
    [
        new("parameters", Weights.Parameters), new("buffers", Weights.Buffers), new("counters", Weights.Counters), new("momentum", Momentum),
    ];

    /// <summary>Whether a parameter of that name has a gradient in this run.</summary>
    public bool IsTrained(string name) => _plan.Training.FrozenBackbone
        ? name.StartsWith(ClassifierNetwork.HeadPrefix, StringComparison.Ordinal)
        : ClassifierNetwork.IsUsed(name, _plan.Config.Backbone, _plan.Training.Head);

    /// <summary>
    /// Applies a step: optimizer, statistics, counts, step counter. It is never interrupted; an exception leaves the state torn.
    /// </summary>
    /// <param name="gradient">The mean gradient of all virtual ranks in the places of the trained parameters. It is used up.</param>
    /// <param name="statistics">Virtual rank 0's running statistics; null where the backbone is frozen.</param>
    public void Apply(Tensor gradient, Tensor? statistics)
    {
        ThrowIfTorn();
        IsTorn = true;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _optimizer.Step(gradient, rate => _plan.Schedule.RateAt(Step, rate));
        if (statistics is not null)
            Weights.Buffers.copy_(statistics);
        foreach (var counter in _counters)
            Weights.Counter(counter)++;
        Step++;
        IsTorn = false;
    }

    /// <summary>Before the state is overwritten by another one's: it is torn until <see cref="EndReplace"/>.</summary>
    public void BeginReplace() => IsTorn = true;

    /// <summary>All of <see cref="Parts"/> are those of a state after <paramref name="step"/> steps.</summary>
    public void EndReplace(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, _plan.Steps);
        (Step, _optimizer.Started, IsTorn) = (step, step > 0, false);
    }

    /// <summary>SHA-256 of every bit of the state, 64 hex digits; equal exactly for equal states.</summary>
    public string Digest()
    {
        ThrowIfTorn();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"step {Step}\n"));
        foreach (var entry in Weights.Layout.Entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name} [{string.Join(',', entry.Shape)}]\n"));
            hash.AppendData(entry.Role == TensorRole.Counter
                ? MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in Weights.Counter(entry)))
                : MemoryMarshal.AsBytes(Weights.Floats(entry)));
        }
        hash.AppendData(MemoryMarshal.AsBytes(Momentum.Floats()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal void ThrowIfTorn()
    {
        if (IsTorn)
            throw new InvalidOperationException("this training state is torn: a change of it was begun and not finished");
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _trained.Dispose();
        Weights.Dispose();
    }
}
