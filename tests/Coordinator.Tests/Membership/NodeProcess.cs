using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterBench.Tests.Membership;

/// <summary>A ClusterNode of its own process, and what it has said so far.</summary>
internal sealed partial class NodeProcess : IDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly List<TaskCompletionSource> waiters = [];

    private NodeProcess(Process process) => this.process = process;

    public int Pid => process.Id;

    public static NodeProcess Coordinator(string folder, int api, int port = 0) => Start(null, "coordinator", $"dir={folder}", $"api={api}", $"port={port}");

    public static NodeProcess Worker(string id, int api, params string[] more) => Start(null, ["worker", $"id={id}", $"join=http://127.0.0.1:{api}", .. more]);

    public static NodeProcess Start(Action<ProcessStartInfo>? change, params string[] arguments)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory.Replace("Coordinator.Tests", "ClusterNode", StringComparison.Ordinal), "ClusterNode"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        change?.Invoke(info);
        var process = new Process { StartInfo = info };
        var node = new NodeProcess(process);
        process.OutputDataReceived += (_, e) => node.Add(e.Data);
        process.ErrorDataReceived += (_, e) => node.Add(e.Data is null ? null : "STDERR " + e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return node;
    }

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
            {
                return [.. lines];
            }
        }
    }

    /// <summary>The first line after <paramref name="after"/> lines that begins with <paramref name="start"/>; fails with all that was said.</summary>
    public async Task<string> SaysAsync(string start, int after = 0, double seconds = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (true)
        {
            Task changed;
            lock (lines)
            {
                if (lines.Skip(after).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal)) is { } line)
                {
                    return line;
                }

                var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiters.Add(waiter);
                changed = waiter.Task;
            }

            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"'{start}' was not said within {seconds} s (exited: {process.HasExited}). Said:\n{string.Join('\n', Lines)}");
            }
        }
    }

    /// <summary>Waits for the next UP of this node: its address and, of a worker, the uid of its ActorSystem.</summary>
    public async Task<(string Address, string Uid)> UpAsync(int after = 0)
    {
        var parts = (await SaysAsync("UP ", after)).Split(' ');
        return (parts[1], parts.Length > 2 ? parts[2] : "");
    }

    public void Command(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
    }

    public void CloseInput() => process.StandardInput.Close();

    public void Kill() => Signal(9);

    public void Freeze() => Signal(19);

    public void Thaw() => Signal(18);

    public async Task<int> ExitAsync(double seconds = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The node did not end within {seconds} s. Said:\n{string.Join('\n', Lines)}");
        }

        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(process.Id, signal));

    private void Add(string? line)
    {
        lock (lines)
        {
            if (line is not null)
            {
                lines.Add(line);
            }

            waiters.ForEach(static w => w.TrySetResult());
            waiters.Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("clusterbench-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Waits until a file that a node writes holds what it should.</summary>
    public async Task BecomesAsync(string name, Func<string, bool> condition)
    {
        for (var tries = 0; ; tries++)
        {
            var text = await System.IO.File.ReadAllTextAsync(File(name), TestContext.Current.CancellationToken);
            if (condition(text))
            {
                return;
            }

            Assert.True(tries < 100, $"{name} still holds: {text}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
