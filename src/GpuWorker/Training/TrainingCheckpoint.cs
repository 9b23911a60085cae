using System.Security.Cryptography;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;
using ClusterBench.Faults;
using ClusterBench.Files;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Sha256">Of the whole file, 64 hex digits.</param>
/// <param name="Bytes">Its size.</param>
public sealed record WrittenCheckpoint(string Path, long Step, string Sha256, long Bytes);

/// <summary>
/// The one format of <c>step_*.pth</c> and <c>epoch_N.pth</c>: <c>{meta, state_dict, optimizer}</c>, which torch.load reads. The names
/// are upstream's, the optimizer's part is what torch.optim.SGD.load_state_dict takes. Equal states of a run give equal files.
/// </summary>
public static class TrainingCheckpoint
{
    private const long Format = 1;

    /// <summary>Writes a state under a temporary name, flushes and renames it.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="runHash">The run's hash: resuming refuses another run's checkpoint.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static WrittenCheckpoint Write(string path, TrainingState state, TrainingPlan plan, string runHash)
    {
        state.ThrowIfTorn();
        var root = new OrderedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["meta"] = Meta(state, plan, runHash),
            ["state_dict"] = StateDict(state.Weights),
            ["optimizer"] = OptimizerState.Of(state, plan),
        };
        var (sha256, bytes) = ("", 0L);
        AtomicFile.Write(
            path,
            file =>
            {
                CheckpointWriter.Write(file, root);
                (bytes, file.Position) = (file.Length, 0);
                sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            },
            () => Fault.Point(FaultPoints.CheckpointBetweenWriteAndRename));
        return new WrittenCheckpoint(path, state.Step, sha256, bytes);
    }

    /// <summary>Replaces a state by a checkpoint's: training goes on from it bit for bit.</summary>
    /// <param name="sha256">What the file's hash was when it was written; null: only the checksums inside it are compared.</param>
    /// <exception cref="UserErrorException">
    /// The file is missing, damaged, not such a checkpoint or another run's; it says which. The state is torn only if the damage was
    /// found late.
    /// </exception>
    public static void Read(string path, TrainingState state, TrainingPlan plan, string runHash, string? sha256 = null)
    {
        if (sha256 is not null && FileHash.Sha256(path) is var found && found != sha256)
            throw Refused(path, $"its SHA-256 is {found[..12]}... and was {sha256[..12]}... when it was written: the file is damaged");
        using var checkpoint = Checkpoint.Open(path);
        checkpoint.Verify();
        if (checkpoint.Root is not OrderedDictionary<object, object?> root
            || Part(root, "meta") is not { } meta || Part(root, "state_dict") is not { } tensors || Part(root, "optimizer") is not { } optimizer)
            throw Refused(path, "it is no training checkpoint: meta, state_dict or optimizer is missing");
        var step = CheckMeta(path, meta, plan, runHash);
        state.BeginReplace();
        var report = WeightLoader.Load(state.Weights, tensors.Select(pair => Named(path, pair)), path, allowPartial: false);
        if (report.Missing.Count > 0 || report.LeftOver.Count > 0)
            throw Refused(path, "its tensors are not those of the network: " + string.Join("; ", report.Lines));
        OptimizerState.Restore(path, optimizer, state, step);
        state.EndReplace(step);
    }

    private static OrderedDictionary<string, object?> Meta(TrainingState state, TrainingPlan plan, string runHash) => new(StringComparer.Ordinal)
    {
        ["format"] = Format,
        ["clusterbench_version"] = ProgramInfo.Version,
        ["torch_version"] = TorchSharp.torch.__version__,
        ["numerics_version"] = (long)MachineFacts.CurrentNumericsVersion,
        ["benchmark"] = plan.Config.Benchmark,
        ["config_hash"] = runHash,
        ["seed"] = (long)plan.Config.Seed,
        ["epoch"] = (long)plan.EpochOf(state.Step),
        ["iter"] = (long)plan.IterationOf(state.Step),
        ["step"] = state.Step,
        ["steps_per_epoch"] = (long)plan.StepsPerEpoch,
        ["virtual_ranks"] = (long)plan.Training.VirtualRanks,
    };

    private static OrderedDictionary<string, object?> StateDict(ModelWeights weights)
    {
        var tensors = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in weights.Layout.Entries)
            tensors.Add(entry.Name, entry.Role == TensorRole.Counter
                ? TensorToSave.From(DType.Int64, entry.Shape, (ReadOnlyMemory<long>)new[] { weights.Counter(entry) })
                : new TensorToSave(DType.Float32, entry.Shape, to => to.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.Floats(entry)))));
        return tensors;
    }

    /// <returns>The checkpoint's step.</returns>
    private static long CheckMeta(string path, OrderedDictionary<object, object?> meta, TrainingPlan plan, string runHash)
    {
        Expect("format", Format, "another version of ClusterBench wrote it");
        Expect("config_hash", runHash, "it belongs to another run");
        Expect("numerics_version", (long)MachineFacts.CurrentNumericsVersion, "its program computed other bits; start anew with --fresh");
        Expect("seed", (long)plan.Config.Seed, "it belongs to another run");
        Expect("steps_per_epoch", (long)plan.StepsPerEpoch, "its data lists had another length");
        return meta.GetValueOrDefault("step") is long step && step >= 0 && step <= plan.Steps
            ? step
            : throw Refused(path, $"meta.step is no step of this run, which has {plan.Steps}");

        void Expect(string key, object expected, string why)
        {
            if (!expected.Equals(meta.GetValueOrDefault(key)))
                throw Refused(path, $"meta.{key} is {meta.GetValueOrDefault(key) ?? "missing"}, not {expected}: {why}");
        }
    }

    private static OrderedDictionary<object, object?>? Part(OrderedDictionary<object, object?> root, string key) =>
        root.GetValueOrDefault(key) as OrderedDictionary<object, object?>;

    private static NamedTensor Named(string path, KeyValuePair<object, object?> pair) =>
        pair is { Key: string name, Value: CheckpointTensor tensor } ? new NamedTensor(name, tensor) : throw Refused(path, $"state_dict holds {pair.Key}, which is no tensor");

    internal static UserErrorException Refused(string path, string why) =>
        new($"{path} cannot be resumed from: {why}. The checkpoint before it can be taken, or the run started anew with --fresh.", 1);
}
