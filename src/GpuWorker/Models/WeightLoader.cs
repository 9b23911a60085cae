using ClusterBench.Arrays;

namespace ClusterBench.GpuWorker.Models;

/// <summary>Copies the tensors of a checkpoint into a network's weights, by name.</summary>
public static class WeightLoader
{
    private static readonly string[] Floats = ["float32", "float16", "bfloat16", "float64"];
    private static readonly string[] Integers = ["int64", "int32", "int16", "int8", "uint8"];

    /// <summary>
    /// Loads what has the name and the shape of a tensor of the network; float16, bfloat16 and float64 become float32.
    /// </summary>
    /// <param name="weights">They are filled; what is not in the checkpoint stays as it is.</param>
    /// <param name="tensors">Named as the network names them.</param>
    /// <param name="checkpoint">The file, for messages.</param>
    /// <param name="allowPartial">Whether a backbone of which not all parameters were found is taken.</param>
    /// <exception cref="UserErrorException">
    /// Nothing matched, or a parameter or batch-norm statistic is missing or does not fit and <paramref name="allowPartial"/> is not set.
    /// </exception>
    public static LoadReport Load(ModelWeights weights, IEnumerable<INamedTensor> tensors, string checkpoint, bool allowPartial)
    {
        var missing = new HashSet<string>(weights.Layout.Entries.Select(entry => entry.Name), StringComparer.Ordinal);
        List<string> matched = [], leftOver = [], notFinite = [];
        List<MisfitTensor> misfits = [];
        foreach (var tensor in tensors)
        {
            if (!weights.Layout.TryGet(tensor.Name, out var entry))
                leftOver.Add(tensor.Name);
            else if (!missing.Remove(tensor.Name))
                throw new UserErrorException($"{checkpoint}: the tensor {tensor.Name} of the backbone is there twice.");
            else if (Misfit(tensor, entry!) is { } reason)
                misfits.Add(new MisfitTensor(tensor.Name, reason));
            else
            {
                matched.Add(tensor.Name);
                if (!Copy(tensor, entry!, weights))
                    notFinite.Add(tensor.Name);
            }
        }
        var report = new LoadReport(
            matched, [.. weights.Layout.Entries.Select(entry => entry.Name).Where(missing.Contains)], leftOver, misfits, notFinite);
        if (matched.Count == 0 || (!report.IsComplete && !allowPartial))
            throw Refused(report, weights.Layout, checkpoint);
        return report;
    }

    private static string? Misfit(INamedTensor tensor, LayoutEntry entry)
    {
        var counts = entry.Role == TensorRole.Counter;
        // Old files have num_batches_tracked with one dimension of 1.
        var shapeFits = counts ? tensor.Shape.All(size => size == 1) : tensor.Shape.SequenceEqual(entry.Shape);
        if (shapeFits && (counts ? Integers : Floats).Contains(tensor.DType))
            return null;
        return $"{tensor.DType} [{string.Join(", ", tensor.Shape)}] in the checkpoint, {entry.DType} [{string.Join(", ", entry.Shape)}] in the network";
    }

    /// <returns>Whether all values are finite.</returns>
    private static bool Copy(INamedTensor tensor, LayoutEntry entry, ModelWeights weights)
    {
        if (entry.Role == TensorRole.Counter)
        {
            tensor.CopyToInt64(new Span<long>(ref weights.Counter(entry)));
            return true;
        }
        var values = weights.Floats(entry);
        tensor.CopyToFloat32(values);
        foreach (var value in values)
            if (!float.IsFinite(value))
                return false;
        return true;
    }

    private static UserErrorException Refused(LoadReport report, ParameterLayout layout, string checkpoint)
    {
        var needed = layout.Entries.Count(entry => !LoadReport.IsOptional(entry.Name));
        var found = report.Matched.Count(name => !LoadReport.IsOptional(name));
        var remedy = found == 0
            ? "It holds no backbone of this architecture: compare model.backbone of the config with the network the checkpoint comes from."
            : "Check that model.backbone of the config describes the network the checkpoint comes from; --allow-partial takes it as it is: missing norms then do nothing and missing kernels are zero.";
        return new UserErrorException(
            $"{checkpoint}: only {found} of the {needed} parameters and batch-norm statistics of the backbone can be loaded.\n" +
            string.Join("\n", report.Lines.Select(line => "  " + line)) + "\n" + remedy);
    }
}
