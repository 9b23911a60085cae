using System.Diagnostics;

namespace ClusterBench.Perf.Cluster;

/// <summary>A call of ./clusterbench as a user makes it, with what it says and when it said it.</summary>
internal sealed class ProgramCall : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private TimeSpan? _firstLine;

    private ProgramCall(Process process, DateTimeOffset begun) => (_process, Begun) = (process, begun);

    /// <summary>Just before the process was started.</summary>
    public DateTimeOffset Begun { get; }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>From the start to the first line on standard error; null if there was none yet.</summary>
    public TimeSpan? FirstLine
    {
        get
        {
            lock (_lines)
                return _firstLine;
        }
    }

    /// <param name="token">The secret of a cluster that this call is part of; null where it starts its own.</param>
    public static ProgramCall Start(IEnumerable<string> arguments, string? token = null)
    {
        var start = new ProcessStartInfo(Places.Program, arguments)
        {
            WorkingDirectory = Places.Root, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What the caller's shell says to the program must not change what is measured.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("CLUSTERBENCH_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        if (token is not null)
            start.Environment["CLUSTERBENCH_TOKEN"] = token;
        var call = new ProgramCall(new Process { StartInfo = start }, TimeProvider.System.GetUtcNow());
        call._process.ErrorDataReceived += (_, line) => call.Keep(line.Data);
        call._process.OutputDataReceived += static (_, _) => { };
        call._process.Start();
        call._process.BeginErrorReadLine();
        call._process.BeginOutputReadLine();
        return call;
    }

    /// <returns>From the start to the end.</returns>
    /// <exception cref="UserErrorException">It failed; with its last lines.</exception>
    public async Task<TimeSpan> EndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var took = TimeProvider.System.GetUtcNow() - Begun;
        return _process.ExitCode == 0 ? took : throw Failed($"ended with {_process.ExitCode}");
    }

    /// <summary>An error with what the call last said.</summary>
    public UserErrorException Failed(string what)
    {
        lock (_lines)
            return new UserErrorException($"clusterbench {string.Join(' ', _process.StartInfo.ArgumentList)} {what}. Its last lines:\n{string.Join('\n', _lines.TakeLast(20))}", exitCode: 1);
    }

    /// <summary>Ends it with a signal if it is still there, and waits until it is gone.</summary>
    public async Task StopAsync(int signal)
    {
        if (!_process.HasExited)
            Signals.Send(_process.Id, signal);
        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(Signals.Terminate).ConfigureAwait(false);
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _firstLine ??= TimeProvider.System.GetUtcNow() - Begun;
            _lines.Add(line);
        }
    }
}
