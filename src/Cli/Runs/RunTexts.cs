using System.Globalization;
using System.Text;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Runs;

/// <summary>Runs, workers and events as text.</summary>
internal static class RunTexts
{
    /// <summary>Events that a person who watches wants to read; a finished shard is shown by the bar.</summary>
    public static bool IsNews(EventView line) => line.Type is not ("ShardCompleted" or "RunAccepted" or "RunCompleted" or "RunFailed");

    public static string Line(EventView line) =>
        string.Create(CultureInfo.InvariantCulture, $"{line.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z {line.Seq,5}  {line.Type,-16} {line.Text}");

    public static string Table(IReadOnlyList<RunView> runs, Surroundings around) => Rows(
    [
        ["RUN", "BENCHMARK", "STATUS", "PROGRESS", "STARTED", "CHECKPOINT", "WORK DIR"],
        .. runs.Select(run => (string[])
        [
            run.Run, run.Benchmark, run.Status, Percent(run.Progress), Time(run.StartedAt), Path.GetFileName(run.Checkpoint), around.ShownPath(run.WorkDir),
        ]),
    ]);

    public static string Table(IReadOnlyList<WorkerView> workers) => Rows(
    [
        ["WORKER", "HOST", "PID", "DEVICE", "STATE", "RUN", "RANK"],
        .. workers.Select(worker => (string[])
        [
            worker.Id, worker.Host, worker.Pid.ToString(CultureInfo.InvariantCulture), worker.Device, worker.State, worker.Run ?? "-",
            worker.Rank?.ToString(CultureInfo.InvariantCulture) ?? "-",
        ]),
    ]);

    /// <summary>Everything about one run, a line per field.</summary>
    public static string Sheet(RunView run, Surroundings around)
    {
        var text = new StringBuilder();
        Field("run", run.Run);
        Field("benchmark", run.Benchmark);
        Field("status", run.Status + (run.Phase is { Length: > 0 } phase && !RunStates.HasEnded(run.Status) ? $" ({phase})" : ""));
        Field("progress", Percent(run.Progress) + Counted(run));
        if (TrainingTexts.Line(run) is { } training)
            Field("training", training);
        Field("config", run.Config);
        Field("checkpoint", around.ShownPath(run.Checkpoint));
        Field("work dir", around.ShownPath(run.WorkDir));
        Field("hash", run.Hash);
        Field("started", Time(run.StartedAt));
        Field("seconds", run.Seconds.ToString("0.0", CultureInfo.InvariantCulture));
        Field("workers", run.Workers.Count == 0 ? "none" : string.Join(" ", run.Workers));
        Field("generation", run.Generation.ToString(CultureInfo.InvariantCulture));
        Field("recoveries", run.Recoveries.ToString(CultureInfo.InvariantCulture));
        if (run.Error is { Length: > 0 } error)
            Field("error", error);
        if (run.Metrics is { Count: > 0 } metrics)
            text.AppendLine().Append(MetricsTable.Of([("", metrics)]));
        return text.ToString();

        void Field(string name, string value) => text.AppendLine($"{name,-11} {value}");
    }

    /// <summary><c>1,024/3,000 images</c> as far as it is known.</summary>
    public static string Counted(RunView run)
    {
        string shards = run.ShardsTotal > 0 ? string.Create(CultureInfo.InvariantCulture, $", {run.ShardsDone}/{run.ShardsTotal} shards") : "";
        return shards + (run.ImagesTotal > 0 ? string.Create(CultureInfo.InvariantCulture, $", {run.ImagesDone}/{run.ImagesTotal} images") : "");
    }

    public static string Percent(double progress) => (Math.Clamp(progress, 0, 1) * 100).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static string Time(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "Z" : "-";

    private static string Rows(IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString();
    }
}
