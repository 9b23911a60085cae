using ClusterBench.Api;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Progress;

/// <summary>Progress for log files and pipes: a line per phase, per epoch, per tenth, and at least every ten seconds.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider time) : IProgressView
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private (string Run, string Status, string? Phase, int Tenth, int? Epoch) _shown;
    private long _at = time.GetTimestamp();

    public void Say(string line)
    {
        lock (output)
            output.WriteLine(line);
    }

    public void Show(RunView run)
    {
        // Training tells its progress by epochs; a tenth of it would only double the lines.
        int tenth = run.Epoch is null ? (int)(Math.Clamp(run.Progress, 0, 1) * 10) : 0;
        var now = (run.Run, run.Status, run.Phase, tenth, run.Epoch);
        if (now == _shown && (RunStates.HasEnded(run.Status) || time.GetElapsedTime(_at) < Silence))
            return;
        // Epochs that ended between two looks are named as well, and the last one of a run that has ended.
        if (_shown.Run == run.Run && run.Epoch is { } epoch)
        {
            int named = RunStates.HasEnded(run.Status) ? epoch + 1 : epoch;
            for (int missed = _shown.Epoch + 1 ?? epoch; missed < named; missed++)
                Say($"{run.Run}: {TrainingTexts.Epoch(missed, run.Epochs)}");
        }
        _shown = now;
        _at = time.GetTimestamp();
        Say(Text(run));
    }

    /// <summary>One line on where a run stands.</summary>
    public static string Text(RunView run)
    {
        string workers = $"{run.Workers.Count} {(run.Workers.Count == 1 ? "worker" : "workers")}";
        if (RunStates.HasEnded(run.Status))
            return $"{run.Run}: {run.Status} {RunTexts.Percent(run.Progress)}{RunTexts.Counted(run)}";
        string what = run.Phase is { Length: > 0 } phase ? phase : run.Status;
        return TrainingTexts.Line(run) is { } training
            ? $"{run.Run}: {training}, {workers}{(run.Status == RunStates.Running ? "" : $" ({what})")}"
            : $"{run.Run}: {what} {RunTexts.Percent(run.Progress)}{RunTexts.Counted(run)}, {workers}";
    }
}
