using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Progress;

internal static class ProgressViews
{
    /// <summary>Does a piece of work under bars on a terminal, under plain lines elsewhere.</summary>
    public static Task<T> RunAsync<T>(Surroundings around, Func<IProgressView, Task<T>> work) =>
        around.ErrorIsTerminal ? WithBars(around, work) : work(new PlainProgress(around.Error, around.Time));

    // In a method of its own, so that a call without a terminal does not load the library.
    private static Task<T> WithBars<T>(Surroundings around, Func<IProgressView, Task<T>> work) => BarProgress.RunAsync(around, work);
}
