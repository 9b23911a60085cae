using System.Globalization;
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
        var text = new PlanLines(around);
        Line("benchmark", config.Knn is { } knn ? $"{config.Benchmark}, k = {string.Join(" ", knn.K)}, temperature {knn.Temperature.ToString(CultureInfo.InvariantCulture)}" : config.Benchmark);
        Line("config", run.Call.Config);
        text.Checkpoint(run.Checkpoint);
        Line("backbone", $"{config.Backbone.Type}-{config.Backbone.Depth}" + string.Create(CultureInfo.InvariantCulture, $", {size.Parameters:N0} parameters"));
        Line("features", string.Join(", ", config.Features.Select(name => $"{name} ({size.Widths[name]} numbers)")) + $", pool {config.Pool}, {config.Precision}");
        text.Data(run);
        Line("batch", string.Create(CultureInfo.InvariantCulture, $"{config.BatchSize} images, {config.Threads} {(config.Threads == 1 ? "thread" : "threads")}; about {Shards()} shards"));
        text.Workers(run, workers);
        Line("memory", Memory(config, size, workers, Count("train")));
        Line("disk", "about " + MemoryEstimate.Text(Disk()) + " for features");
        Line("seed", config.Seed.ToString(CultureInfo.InvariantCulture));
        Line("hash", run.Hash);
        text.Folder(run);
        if (run.Call.OutDir is { } outDir)
            Line("out", around.ShownPath(outDir));
        return text.ToString();

        void Line(string name, string value) => text.Line(name, value);

        int Count(string split) => run.Images.TryGetValue(split, out IReadOnlyList<string>? images) ? images.Count : 0;

        int Shards() => run.Images.Values.Sum(images => ShardPlanner.ShardCount(images.Count, config.BatchSize));

        long Disk() => run.Images.Values.Sum(images => (long)images.Count * config.Features.Sum(name => size.Widths[name] * 4L));
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
}
