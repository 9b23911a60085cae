using System.Diagnostics;
using System.Globalization;
using ClusterBench.Cli.Embedded;

namespace ClusterBench.Tests.Embedded;

/// <summary>A state dir whose cluster consists of shell scripts (child.sh) instead of the program.</summary>
public sealed class ChildScript : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public ChildScript(string behaviour = "")
    {
        StateDir = Directory.CreateTempSubdirectory("clusterbench-embedded-").FullName;
        File.WriteAllText(Path.Combine(StateDir, "behaviour.sh"), behaviour);
    }

    public string StateDir { get; }

    public List<string> Notices { get; } = [];

    public EmbeddedOptions Options => new()
    {
        StateDir = StateDir,
        Workers = 2,
        Device = "cpu",
        WorkRoot = StateDir,
        Program = Path.Combine(AppContext.BaseDirectory, "child.sh"),
    };

    public Task<EmbeddedCluster> StartAsync(Func<EmbeddedOptions, EmbeddedOptions>? change = null, CancellationToken? cancel = null) =>
        EmbeddedCluster.StartAsync(change is null ? Options : change(Options), Notice, cancel ?? TestContext.Current.CancellationToken);

    /// <summary>Lines that the incarnations of a child have written: <c>worker-1.pids</c>, <c>coordinator.arguments</c>.</summary>
    public string[] Lines(string file)
    {
        string path = Path.Combine(StateDir, file);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    /// <summary>Process ids of all children that ever were.</summary>
    public int[] Pids() => [.. Directory.GetFiles(StateDir, "*.pids").SelectMany(File.ReadAllLines).Select(Number)];

    /// <summary>The pid of a child's n-th incarnation, from 1, once it is there.</summary>
    public async Task<int> PidAsync(string child, int incarnation)
    {
        await EventuallyAsync(() => Lines(child + ".pids").Length >= incarnation, $"{child} has an incarnation {incarnation}");
        return Number(Lines(child + ".pids")[incarnation - 1]);
    }

    /// <summary>Whether a process is there; one that has ended and whose parent has not noticed yet is not.</summary>
    public static bool Lives(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"not within {Patience.TotalSeconds} s: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => Directory.Delete(StateDir, recursive: true);

    private static int Number(string line) => int.Parse(line, CultureInfo.InvariantCulture);

    private void Notice(string line)
    {
        lock (Notices)
            Notices.Add(line);
    }
}
