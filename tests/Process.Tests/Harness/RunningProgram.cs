using System.Diagnostics;
using System.Text;

namespace ClusterBench.Tests.Harness;

/// <summary>A call of the program that goes on.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>Generous: two busy cores, two tests side by side, and a debugger's build.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Process process;
    private readonly string call;
    private readonly Func<string> childLogs;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Lock gate = new();
    private readonly long started = Stopwatch.GetTimestamp();

    private RunningProgram(Process process, string call, Func<string> childLogs)
    {
        (this.process, this.call, this.childLogs) = (process, call, childLogs);
        process.OutputDataReceived += (_, line) => Take(output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    public int Pid => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>Standard error so far.</summary>
    public string ErrorSoFar => Read(error);

    /// <summary>How long after the start the first line came on standard error; null: none yet.</summary>
    public TimeSpan? FirstWordAfter { get; private set; }

    public static RunningProgram Start(ProcessStartInfo info, string call, Func<string> childLogs) =>
        new(Process.Start(info)!, call, childLogs);

    public void Signal(int signal) => ProcessTable.Signal(Pid, signal);

    /// <summary>Waits until standard error holds a text.</summary>
    public Task SaidAsync(string text) => Eventually.HaveAsync(
        () => ErrorSoFar.Contains(text, StringComparison.Ordinal) ? text
            : HasEnded ? throw new InvalidOperationException($"clusterbench {call} ended with {process.ExitCode} before it said '{text}':\n{ErrorSoFar}\n{childLogs()}") : null,
        $"clusterbench {call} says '{text}'; so far:\n{ErrorSoFar}");

    /// <summary>Waits for the end; a call that does not end is killed and fails the test with all that it said.</summary>
    public async Task<ProgramResult> EndAsync(TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"not done within {limit.TotalSeconds:0} s: clusterbench {call}\n--- standard output\n{Read(output)}\n--- standard error\n{Read(error)}\n{childLogs()}");
        }

        return new ProgramResult(call, process.ExitCode, Read(output), Read(error), childLogs());
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (gate)
        {
            if (text == error && text.Length == 0)
                FirstWordAfter = Stopwatch.GetElapsedTime(started);
            text.Append(line).Append('\n');
        }
    }

    private string Read(StringBuilder text)
    {
        lock (gate)
            return text.ToString();
    }
}
