using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClusterBench.Api;
using System.Text.Json;

namespace ClusterBench.Tests.Harness;

/// <summary>
/// A temporary folder of one test: work dirs, a state dir, markers of faults. Every process that is started here carries the
/// folder's name in its environment, so that whatever outlives a call is found, and ended with the folder.
/// </summary>
internal sealed class TestFolder : IAsyncDisposable
{
    private const string Marker = "PROCESS_TEST_FOLDER";

    public TestFolder() => Root = Directory.CreateTempSubdirectory("clusterbench-process-").FullName;

    public string Root { get; }

    public string WorkDir => At("work");

    public string StateDir => At("state");

    public string FaultsDir => At("faults");

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Writes a file of the test's own and returns its path.</summary>
    public string Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), content);
        return At(name);
    }

    /// <summary>Starts the program with these words in this folder.</summary>
    public RunningProgram Start(IEnumerable<string> words, IReadOnlyDictionary<string, string?>? environment = null, string? program = null, bool ownGroup = false)
    {
        string[] call = [.. words];
        program ??= Installation.Program;
        // setsid becomes the program: the same process id, and a process group of its own as a shell gives to a call.
        var info = ownGroup ? new ProcessStartInfo("setsid", [program, .. call]) : new ProcessStartInfo(program, call);
        info.WorkingDirectory = Root;
        info.UseShellExecute = false;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        foreach (string name in info.Environment.Keys.Where(key => key.StartsWith("CLUSTERBENCH_", StringComparison.Ordinal)).ToArray())
            info.Environment.Remove(name);
        info.Environment["CLUSTERBENCH_ROOT"] = Installation.Root;
        info.Environment[Marker] = Root;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            info.Environment[name] = value;
        return RunningProgram.Start(info, string.Join(' ', call), ChildLogs);
    }

    public Task<ProgramResult> RunAsync(params string[] words) => RunAsync(words, null);

    /// <summary>Calls the program to its end.</summary>
    public async Task<ProgramResult> RunAsync(IEnumerable<string> words, IReadOnlyDictionary<string, string?>? environment, TimeSpan? patience = null)
    {
        await using var running = Start(words, environment);
        return await running.EndAsync(patience);
    }

    /// <summary>
    /// The words of a kNN run on the samples in this folder. One thread always, so that bits may be compared between calls.
    /// </summary>
    public string[] Knn(string checkpoint, int workers, params string[] more) =>
        ["knn", Installation.SelfsupConfig, "--pretrained", checkpoint, "--workers", workers.ToString(CultureInfo.InvariantCulture), "--threads", "1", "--device", "cpu",
            .. more.Contains("--work-dir", StringComparer.Ordinal) ? Array.Empty<string>() : ["--work-dir", WorkDir],
            .. more.Contains("--state-dir", StringComparer.Ordinal) ? Array.Empty<string>() : ["--state-dir", StateDir],
            "--json", .. more];

    /// <summary><c>results.json</c> of a work dir.</summary>
    public RunResults Results(string? workDir = null) =>
        JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(workDir ?? WorkDir, "results.json")), ApiJson.Default.RunResults)!;

    /// <summary><c>cluster.json</c> of the state dir once it is there.</summary>
    public Task<ClusterFile> ClusterAsync() => Eventually.HaveAsync(
        () => File.Exists(Path.Combine(StateDir, "cluster.json")) ? JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(StateDir, "cluster.json")), ApiJson.Default.ClusterFile) : null,
        "cluster.json");

    /// <summary>Processes of this folder's calls with this verb: <c>worker</c>, <c>coordinator</c>.</summary>
    public IReadOnlyList<ProcessEntry> Processes(string verb) => [.. Processes().Where(process => process.Verb == verb)];

    public IReadOnlyList<ProcessEntry> Processes() => ProcessTable.WithEnvironment($"{Marker}={Root}");

    /// <summary>The logs of the embedded children of this verb.</summary>
    public IReadOnlyList<string> Logs(string verb) => [.. Directory.GetFiles(Path.Combine(StateDir, "logs"), $"{verb}*.log").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    /// <summary>Fails the test if a process of ours is there although every call has ended.</summary>
    public async Task NothingSurvivesAsync(TimeSpan? grace = null)
    {
        for (long begin = Stopwatch.GetTimestamp(); grace is { } patience && Processes().Count > 0 && Stopwatch.GetElapsedTime(begin) < patience;)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        var left = Processes();
        Assert.True(left.Count == 0, $"these outlived the call that started them:\n{string.Join('\n', left)}\n{ChildLogs()}");
    }

    public async ValueTask DisposeAsync()
    {
        for (var tries = 0; Processes() is { Count: > 0 } left && tries < 100; tries++)
        {
            foreach (var process in left)
                ProcessTable.Signal(process.Pid, ProcessTable.SigKill);
            await Task.Delay(20, CancellationToken.None);
        }

        Directory.Delete(Root, recursive: true);
    }

    private string ChildLogs()
    {
        var text = new StringBuilder();
        string logs = Path.Combine(StateDir, "logs");
        foreach (string path in Directory.Exists(logs) ? Directory.GetFiles(logs).Order(StringComparer.Ordinal).ToArray() : [])
            text.Append(CultureInfo.InvariantCulture, $"--- {Path.GetFileName(path)}\n{string.Join('\n', File.ReadLines(path).TakeLast(40))}\n");
        return text.ToString();
    }
}
