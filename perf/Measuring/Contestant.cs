using System.Diagnostics;
using System.Text.Json;

namespace ClusterBench.Perf.Measuring;

/// <summary>One repetition as the contestant measured it itself, so that the pipe between us costs nothing.</summary>
/// <param name="Wall">Seconds.</param>
/// <param name="Cpu">CPU seconds of all its threads.</param>
/// <param name="Units">Units of work done.</param>
internal sealed record Repetition(double Wall, double Cpu, long Units);

/// <summary>
/// A process that has prepared some work and repeats it whenever it reads a line: ours (Subjects/) or the peer's (peer.py). It says
/// one JSON line when it is ready and one per repetition, and ends when its input ends.
/// </summary>
internal sealed class Contestant : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process _process;
    private readonly List<string> _errors = [];

    private Contestant(string name, bool isPeer, Process process) => (Name, IsPeer, _process) = (name, isPeer, process);

    public string Name { get; }

    public bool IsPeer { get; }

    /// <summary>What it said of itself when it was ready: versions.</summary>
    public string About { get; private set; } = "";

    /// <param name="work">The work's description, handed over as one JSON argument.</param>
    /// <param name="environment">Variables on top of this process's.</param>
    /// <exception cref="UserErrorException">It ended before it was ready; with its last lines.</exception>
    public static async Task<Contestant> StartAsync(
        string name, bool isPeer, Work work, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (file, first) = isPeer ? (Places.Python, Places.Peer) : (Environment.ProcessPath!, "subject");
        var start = new ProcessStartInfo(file, [first, JsonSerializer.Serialize(work, Json)])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[key] = value;
        var contestant = new Contestant(name, isPeer, Process.Start(start)!);
        contestant._process.ErrorDataReceived += (_, line) => contestant.Keep(line.Data);
        contestant._process.BeginErrorReadLine();
        contestant.About = (await contestant.ReadAsync().ConfigureAwait(false)).GetProperty("about").GetString()!;
        return contestant;
    }

    public async Task<Repetition> RepeatAsync()
    {
        await _process.StandardInput.WriteLineAsync("go").ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        return (await ReadAsync().ConfigureAwait(false)).Deserialize<Repetition>(Json)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task<JsonElement> ReadAsync()
    {
        if (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is not { } line)
        {
            await _process.WaitForExitAsync().ConfigureAwait(false);
            throw new UserErrorException($"{Name} ended with {_process.ExitCode} before it had measured anything. Its last lines:\n{string.Join('\n', Errors())}", exitCode: 1);
        }
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (line is not null)
                _errors.Add(line);
        }
    }

    private string[] Errors()
    {
        lock (_errors)
            return [.. _errors.TakeLast(20)];
    }
}
