using System.Runtime.InteropServices;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// The optimizer's part of a checkpoint, laid out as torch.optim.SGD's state_dict: trained parameters are numbered in the order of the
/// state dict, and each is a group of its own, with the rate that its next step has.
/// </summary>
internal static class OptimizerState
{
    private const string Buffer = "momentum_buffer";

    public static OrderedDictionary<string, object?> Of(TrainingState state, TrainingPlan plan)
    {
        var (buffers, groups) = (new OrderedDictionary<long, object?>(), new List<object?>());
        var config = plan.Training.Optimizer;
        foreach (var (number, entry) in Trained(state).Index())
        {
            var options = state.Groups.Options[entry.Name];
            if (state.Step > 0 && options.Momentum != 0)
                buffers.Add(number, new OrderedDictionary<string, object?>(StringComparer.Ordinal)
                {
                    [Buffer] = new TensorToSave(DType.Float32, entry.Shape, to => to.Write(MemoryMarshal.AsBytes(Place(state, entry)))),
                });
            groups.Add(new OrderedDictionary<string, object?>(StringComparer.Ordinal)
            {
                ["lr"] = state.Step < plan.Steps ? plan.Schedule.RateAt(state.Step, options.LearningRate) : 0.0,
                ["momentum"] = options.Momentum,
                ["dampening"] = config.Dampening,
                ["weight_decay"] = options.WeightDecay,
                ["nesterov"] = config.Nesterov,
                ["initial_lr"] = options.LearningRate,
                ["params"] = new List<object?> { (long)number },
            });
        }
        return new(StringComparer.Ordinal) { ["state"] = buffers, ["param_groups"] = groups };
    }

    /// <summary>Writes the momentum of a checkpoint after <paramref name="step"/> steps into a state.</summary>
    /// <exception cref="UserErrorException">A parameter's momentum is missing or of another shape.</exception>
    public static void Restore(string path, OrderedDictionary<object, object?> optimizer, TrainingState state, long step)
    {
        state.Momentum.Floats().Clear();
        var buffers = optimizer.GetValueOrDefault("state") as OrderedDictionary<object, object?>;
        foreach (var (number, entry) in Trained(state).Index())
        {
            if (step == 0 || state.Groups.Options[entry.Name].Momentum == 0)
                continue;
            if ((buffers?.GetValueOrDefault((long)number) as OrderedDictionary<object, object?>)?.GetValueOrDefault(Buffer) is not CheckpointTensor tensor
                || tensor.DType != DType.Float32 || !tensor.Shape.SequenceEqual(entry.Shape))
                throw TrainingCheckpoint.Refused(path, $"the momentum of {entry.Name} is missing or of another shape");
            tensor.CopyToFloat32(Place(state, entry));
        }
    }

    private static IEnumerable<LayoutEntry> Trained(TrainingState state) =>
        state.Weights.Layout.Entries.Where(entry => entry.Role == TensorRole.Parameter && state.IsTrained(entry.Name));

    private static Span<float> Place(TrainingState state, LayoutEntry entry) =>
        state.Momentum.Floats().Slice(checked((int)(entry.Offset - state.FirstTrained)), checked((int)entry.Count));
}
