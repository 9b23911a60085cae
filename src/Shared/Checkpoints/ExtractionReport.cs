using System.Globalization;

namespace ClusterBench.Checkpoints;

/// <summary>What extract-backbone did.</summary>
public sealed class ExtractionReport
{
    private static readonly string[] Buffers = ["running_mean", "running_var", "num_batches_tracked"];

    internal ExtractionReport(string checkpoint, string sha256, string modelFile, BackboneTensors backbone)
    {
        (Checkpoint, CheckpointSha256, ModelFile, Layout, RemovedPrefix, Dropped) = (checkpoint, sha256, modelFile, backbone.Layout, backbone.Prefix, backbone.Dropped);
        Names = [.. backbone.Kept.Select(k => k.Name)];
        Parameters = backbone.Kept.Where(k => !Buffers.Contains(k.Name[(k.Name.LastIndexOf('.') + 1)..])).Sum(k => k.Tensor.Count);
        Types = [.. backbone.Kept.GroupBy(k => k.Tensor.DType).Select(g => $"{g.Count()} {Arrays.DTypes.Name(g.Key)}")];
    }

    public string Checkpoint { get; }

    public string CheckpointSha256 { get; }

    public string ModelFile { get; }

    public string Layout { get; }

    /// <summary>What was taken off the names; empty if nothing.</summary>
    public string RemovedPrefix { get; }

    /// <summary>Names of the tensors in the model file, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Numbers in them that training changes: without the statistics of batch normalisation.</summary>
    public long Parameters { get; }

    /// <summary>How many tensors of which type, e.g. <c>100 float32</c>.</summary>
    public IReadOnlyList<string> Types { get; }

    public IReadOnlyList<DroppedEntries> Dropped { get; }

    /// <summary>The report for a person, line by line.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            var lines = new List<string>
            {
                $"Layout: {Layout}",
                string.Create(CultureInfo.InvariantCulture, $"Kept: {Names.Count} tensors ({string.Join(", ", Types)}), {Parameters:N0} parameters"),
            };
            if (RemovedPrefix.Length > 0)
            {
                lines.Add($"Renamed: '{RemovedPrefix}' was taken off every name ({RemovedPrefix}{Names[0]} is now {Names[0]})");
            }
            lines.AddRange(Dropped.Select(d => $"Dropped: {d.Count} {(d.Count == 1 ? "entry" : "entries")} of {d.Prefix}"));
            lines.Add($"Written: {ModelFile}");
            return lines;
        }
    }
}
