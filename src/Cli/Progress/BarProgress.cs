using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;
using Spectre.Console;

namespace ClusterBench.Cli.Progress;

/// <summary>A bar per run, drawn on standard error; lines appear above the bars.</summary>
internal sealed class BarProgress : IProgressView
{
    private readonly IAnsiConsole _console;
    private readonly ProgressContext _bars;
    private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);

    private BarProgress(IAnsiConsole console, ProgressContext bars) => (_console, _bars) = (console, bars);

    public static async Task<T> RunAsync<T>(Surroundings around, Func<IProgressView, Task<T>> work)
    {
        bool colour = around.Environment("NO_COLOR") is not { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(around.Error), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        return await console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(bars => work(new BarProgress(console, bars))).ConfigureAwait(false);
    }

    public void Say(string line) => _console.WriteLine(line);

    public void Show(RunView run)
    {
        if (!_tasks.TryGetValue(run.Run, out ProgressTask? task))
            _tasks[run.Run] = task = _bars.AddTask(run.Run.EscapeMarkup(), maxValue: 1);
        string what = RunStates.HasEnded(run.Status) ? run.Status
            : run.Status == RunStates.Running && TrainingTexts.Line(run) is { } training ? training
            : run.Phase is { Length: > 0 } phase ? phase : run.Status;
        task.Description = $"{run.Run}  {what}".EscapeMarkup();
        task.Value = Math.Clamp(run.Progress, 0, 1);
        if (RunStates.HasEnded(run.Status))
            task.StopTask();
    }
}
