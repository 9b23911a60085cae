using ClusterBench.Api;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Progress;

/// <summary>Progress for log files and pipes: a line per phase, per tenth, and at least every ten seconds.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider time) : IProgressView
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private (string Run, string Status, string? Phase, int Tenth) _shown;
    private long _at = time.GetTimestamp();

    public void Say(string line)
    {
        lock (output)
            output.WriteLine(line);
    }

    public void Show(RunView run)
    {
        (string, string, string?, int) now = (run.Run, run.Status, run.Phase, (int)(Math.Clamp(run.Progress, 0, 1) * 10));
        if (now == _shown && (RunStates.HasEnded(run.Status) || time.GetElapsedTime(_at) < Silence))
            return;
        _shown = now;
        _at = time.GetTimestamp();
        Say(Text(run));
    }

    /// <summary>One line on where a run stands.</summary>
    public static string Text(RunView run)
    {
        string what = RunStates.HasEnded(run.Status) ? run.Status : run.Phase is { Length: > 0 } phase ? phase : run.Status;
        string workers = RunStates.HasEnded(run.Status) ? "" : $", {run.Workers.Count} {(run.Workers.Count == 1 ? "worker" : "workers")}";
        return $"{run.Run}: {what} {RunTexts.Percent(run.Progress)}{RunTexts.Counted(run)}{workers}";
    }
}
