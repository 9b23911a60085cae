using System.Globalization;
using System.Text;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Plans;

/// <summary>A plan's lines: a name and a value each, and warnings at the end. Some lines are the same for every benchmark.</summary>
internal sealed class PlanLines(Surroundings around)
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _warnings = [];

    public void Line(string name, string value) => _text.AppendLine($"{name,-11} {value}");

    public void Warn(string warning) => _warnings.Add(warning);

    public void Checkpoint(InputFile file) => Line("checkpoint", file.IsNone ? "none: from scratch"
        : $"{around.ShownPath(file.Path)} ({MemoryEstimate.Text(file.Bytes)}, SHA-256 {file.Sha256[..12]}...)");

    /// <summary>A line per split: how many images, and whether those that are looked for are there.</summary>
    public void Data(PreparedRun run)
    {
        foreach ((string split, DatasetConfig data) in run.Resolved.Config.Data)
        {
            DataCheck check = DataCheck.Of(around.FullPath(data.Source.Root), run.Images[split]);
            Line(split, string.Create(CultureInfo.InvariantCulture,
                $"{run.Images[split].Count} images in {around.ShownPath(run.Lists[split].Path)}; {check.Looked - check.Missing.Count} of {check.Looked} looked for are there"));
            if (check.Missing.Count > 0)
                Warn($"{split}: {check.Missing.Count} of {check.Looked} images looked for are missing, first {check.Missing[0]}. Check data_source.root, or set --data-root.");
        }
    }

    public void Workers(PreparedRun run, int workers) => Line("workers", run.Call.Cluster.Url is { } url
        ? $"those of {url}, {run.Resolved.Config.Device}" : $"{workers} on this machine, {run.Resolved.Config.Device}");

    /// <summary>The run's folder and what is found in it.</summary>
    public void Folder(PreparedRun run) => Line("work dir", around.ShownPath(run.WorkDir) + Found(run));

    public override string ToString()
    {
        foreach (string warning in _warnings)
            _text.AppendLine($"warning: {warning}");
        _warnings.Clear();
        return _text.AppendLine("Nothing was started (--dry-run).").ToString();
    }

    private static string Found(PreparedRun run)
    {
        if (RunFolder.Read(run.WorkDir) is not { } known)
            return "";
        return known.Hash != run.Hash ? $" (belongs to another run, {known.Run})"
            : RunFolder.ReadResults(run.WorkDir) is { Status: RunStates.Completed } ? $" ({known.Run} is completed there: its results would be printed)"
            : $" ({known.Run} is unfinished there and would be resumed)";
    }
}
