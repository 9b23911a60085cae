using System.Diagnostics;
using ClusterBench.Cluster;

namespace ClusterBench.Cli.Embedded;

/// <summary>
/// Keeps one child running: starts it, reads what it says, starts it again when it ends (whatever its exit status) and gives up on a
/// crash loop. The child lives on a pipe: its standard input stays open as long as this process lives and wants it.
/// </summary>
internal sealed class ChildSupervisor : IAsyncDisposable
{
    /// <summary>The line by which a child says that it has registered (a coordinator: that its API answers).</summary>
    public const string ReadyLine = "clusterbench: ready";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<UserErrorException> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private readonly Func<bool, ChildCommand> _command;
    private readonly ChildOutput _output;
    private readonly RestartPolicy _policy;
    private readonly TimeProvider _time;
    private readonly Action<string> _notify;
    private readonly Action _ready;
    private Process? _process;
    private Task _loop = Task.CompletedTask;
    private volatile bool _registered;

    /// <param name="name">For messages: <c>coordinator</c>, <c>worker-2</c>.</param>
    /// <param name="command">What to run; told whether the incarnation before had registered.</param>
    /// <param name="logPath">The log file over all incarnations.</param>
    /// <param name="time">Clock of the back-off.</param>
    /// <param name="notify">Takes one line for the user per unexpected end.</param>
    /// <param name="ready">Called on each ready line, before anything else of the child is read.</param>
    public ChildSupervisor(string name, Func<bool, ChildCommand> command, string logPath, TimeProvider time, Action<string> notify, Action ready)
    {
        (_name, _command, _time, _notify, _ready) = (name, command, time, notify, ready);
        _policy = new RestartPolicy(time);
        _output = new ChildOutput(logPath, time);
    }

    /// <summary>Completes with the reason when the child is given up.</summary>
    public Task<UserErrorException> Failure => _failure.Task;

    /// <summary>The last lines and where the rest is, as the end of an error message.</summary>
    public string LastWords
    {
        get
        {
            var tail = _output.Tail;
            string lines = tail.Count == 0 ? " It said nothing." : " Its last lines:\n" + string.Join('\n', tail.Select(static l => "    " + l)) + "\n";
            return $"{lines.TrimEnd('\n')}\nThe whole log: {_output.LogPath}";
        }
    }

    public void Start() => _loop = Task.Run(SuperviseAsync);

    /// <summary>Closes the child's standard input, which is its sign to end; it is not started again.</summary>
    public void RequestStop()
    {
        _stop.Cancel();
        lock (_gate)
        {
            if (_process is not null)
                _output.Note("asked to end");
            try
            {
                _process?.StandardInput.Close();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has ended by itself meanwhile.
            }
        }
    }

    /// <summary>Returns when the child is gone; kills it with all that it started if it is still there after <paramref name="grace"/>.</summary>
    public async Task WaitGoneAsync(TimeSpan grace)
    {
        if (await Task.WhenAny(_loop, Task.Delay(grace, CancellationToken.None)) != _loop)
        {
            lock (_gate)
            {
                if (_process is { HasExited: false } process)
                {
                    _output.Note($"did not end within {grace.TotalSeconds:0.#} s: killed");
                    process.Kill(entireProcessTree: true);
                }
            }
        }

        await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        RequestStop();
        await WaitGoneAsync(TimeSpan.Zero);
        _output.Dispose();
        _stop.Dispose();
    }

    private async Task SuperviseAsync()
    {
        try
        {
            for (bool before = true; ; before = _registered)
            {
                using var process = Launch(_command(before));
                if (process is null)
                    return;
                string how = await WatchAsync(process);
                if (_stop.IsCancellationRequested)
                    return;
                if (process.ExitCode == NodeExit.JournalUnusable)
                {
                    const string Error = "error: ";
                    string? reason = _output.Tail.LastOrDefault(static line => line.StartsWith(Error, StringComparison.Ordinal))?[Error.Length..];
                    _failure.TrySetResult(new UserErrorException(
                        reason is null ? $"{_name} could not go on and is not started again.{LastWords}" : $"{reason}\nThe {_name}'s log: {_output.LogPath}", exitCode: 1));
                    return;
                }

                if (_policy.Ended(_registered) is not { } delay)
                {
                    _failure.TrySetResult(new UserErrorException(
                        $"{_name} ended {RestartPolicy.Limit} times within {RestartPolicy.Window.TotalSeconds:0} s before it was ready, the last time {how}; it is not started again.{LastWords}", exitCode: 1));
                    return;
                }

                _notify($"{_name} (pid {process.Id}) ended {how}; it is started again {(delay == TimeSpan.Zero ? "at once" : $"in {delay.TotalSeconds:0} s")}");
                await Task.Delay(delay, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped while waiting for the next start.
        }
        catch (Exception e)
        {
            _failure.TrySetResult(new UserErrorException($"{_name} cannot be started: {e.Message}", exitCode: 1, e));
        }
    }

    private Process? Launch(ChildCommand command)
    {
        // Under the gate, so that a stop either sees the process or prevents it.
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return null;
            _registered = false;
            _process = Process.Start(command.ToStartInfo()) ?? throw new InvalidOperationException($"{command.Program} did not start");
            _output.Begin($"pid {_process.Id}: {command}");
            return _process;
        }
    }

    /// <summary>Reads the child until it has ended; says how it ended.</summary>
    private async Task<string> WatchAsync(Process process)
    {
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, isOutput: true), ReadAsync(process.StandardError, isOutput: false));
        await process.WaitForExitAsync(CancellationToken.None);
        // Something that it started may still hold its pipes.
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        lock (_gate)
            _process = null;
        string how = Describe(process.ExitCode);
        _output.Note($"pid {process.Id} ended {how}");
        return how;
    }

    private async Task ReadAsync(StreamReader reader, bool isOutput)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                if (isOutput && line == ReadyLine)
                {
                    _registered = true;
                    _ready();
                }

                _output.Line(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process was disposed of while something else still held the pipe.
        }
    }

    // .NET reports a death by signal as 128 + its number, as a shell does.
    private static string Describe(int exitCode) => exitCode > 128
        ? $"by signal {exitCode - 128}{(exitCode == 137 ? " (SIGKILL: killed, perhaps for want of memory)" : "")}"
        : $"with exit status {exitCode}";
}
