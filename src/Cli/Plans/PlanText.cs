using System.Globalization;
using System.Text;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;
using ClusterBench.Configs;
using ClusterBench.Runs;

namespace ClusterBench.Cli.Plans;

/// <summary>What <c>--dry-run</c> prints: what would be computed, on what, where, and what it needs.</summary>
internal static class PlanText
{
    public static string Of(PreparedRun run, int workers, Surroundings around)
    {
        RunConfig config = run.Resolved.Config;
        BackboneSize size = BackboneSize.Of(config.Backbone);
        var text = new StringBuilder();
        var problems = new List<string>();
        Line("benchmark", config.Knn is { } knn ? $"{config.Benchmark}, k = {string.Join(" ", knn.K)}, temperature {knn.Temperature.ToString(CultureInfo.InvariantCulture)}" : config.Benchmark);
        Line("config", run.Call.Config);
        Line("checkpoint", $"{around.ShownPath(run.Checkpoint.Path)} ({MemoryEstimate.Text(run.Checkpoint.Bytes)}, SHA-256 {run.Checkpoint.Sha256[..12]}...)");
        Line("backbone", $"{config.Backbone.Type}-{config.Backbone.Depth}" + string.Create(CultureInfo.InvariantCulture, $", {size.Parameters:N0} parameters"));
        Line("features", string.Join(", ", config.Features.Select(name => $"{name} ({size.Widths[name]} numbers)")) + $", pool {config.Pool}, {config.Precision}");
        foreach ((string split, DatasetConfig data) in config.Data)
            Split(split, data);
        Line("batch", string.Create(CultureInfo.InvariantCulture, $"{config.BatchSize} images, {config.Threads} {(config.Threads == 1 ? "thread" : "threads")}; about {Shards()} shards"));
        Line("workers", run.Call.Cluster.Url is { } url ? $"those of {url}, {config.Device}" : $"{workers} on this machine, {config.Device}");
        Line("memory", Memory(config, size, workers, Count("train")));
        Line("disk", "about " + MemoryEstimate.Text(Disk()) + " for features");
        Line("seed", config.Seed.ToString(CultureInfo.InvariantCulture));
        Line("hash", run.Hash);
        Line("work dir", around.ShownPath(run.WorkDir) + Found(run));
        if (run.Call.OutDir is { } outDir)
            Line("out", around.ShownPath(outDir));
        foreach (string problem in problems)
            text.AppendLine($"warning: {problem}");
        text.AppendLine("Nothing was started (--dry-run).");
        return text.ToString();

        void Line(string name, string value) => text.AppendLine($"{name,-11} {value}");

        int Count(string split) => run.Images.TryGetValue(split, out IReadOnlyList<string>? images) ? images.Count : 0;

        int Shards() => run.Images.Values.Sum(images => ShardPlanner.ShardCount(images.Count, config.BatchSize));

        long Disk() => run.Images.Values.Sum(images => (long)images.Count * config.Features.Sum(name => size.Widths[name] * 4L));

        void Split(string split, DatasetConfig data)
        {
            DataCheck check = DataCheck.Of(around.FullPath(data.Source.Root), run.Images[split]);
            Line(split, string.Create(CultureInfo.InvariantCulture,
                $"{run.Images[split].Count} images in {around.ShownPath(run.Lists[split].Path)}; {check.Looked - check.Missing.Count} of {check.Looked} looked for are there"));
            if (check.Missing.Count > 0)
                problems.Add($"{split}: {check.Missing.Count} of {check.Looked} images looked for are missing, first {check.Missing[0]}. Check data_source.root, or set --data-root.");
        }
    }

    private static string Memory(RunConfig config, BackboneSize size, int workers, int bankRows)
    {
        string text = MemoryEstimate.Worker(config, size) is { } worker ? $"about {MemoryEstimate.Text(worker)} per worker while extracting"
            : "per worker while extracting: depends on the images' own size, which the pipeline keeps";
        if (config.Knn is null)
            return text;
        long bank = config.Features.Sum(name => size.Widths[name] * 4L) * bankRows / Math.Max(1, workers);
        return $"{text}; bank {MemoryEstimate.Text(bank)} per worker";
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
