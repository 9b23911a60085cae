using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.Tests.Collectives;

/// <summary>A member of a gang in a process of its own (tests/GangMember).</summary>
internal sealed partial class MemberProcess : IDisposable
{
    private readonly Process _process;

    private MemberProcess(Process process) => _process = process;

    /// <summary>A gang whose members know one another's ports and have connected.</summary>
    /// <param name="faults">Of the member with the highest rank.</param>
    public static async Task<MemberProcess[]> GangAsync(int virtualRanks, int workers, string? faults = null, string? folder = null)
    {
        var members = Enumerable.Range(0, workers).Select(rank => Start(virtualRanks, workers, rank, rank == workers - 1 ? faults : null, folder)).ToArray();
        var ports = new List<string>();
        foreach (var member in members)
            ports.Add((await member.SaysAsync("PORT"))[1]);
        foreach (var member in members)
            member.Tell(string.Join(' ', ports));
        foreach (var member in members)
            _ = await member.SaysAsync("CONNECTED");
        return members;
    }

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The words of the next line, which must begin with the given one.</summary>
    public async Task<string[]> SaysAsync(string first)
    {
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.StartsWith(first + (line == first ? "" : " "), line ?? "the end", StringComparison.Ordinal);
        return line!.Split(' ');
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static MemberProcess Start(int virtualRanks, int workers, int rank, string? faults, string? folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory.Replace("GpuWorker.Tests", "GangMember", StringComparison.Ordinal), "GangMember");
        var start = new ProcessStartInfo(program, new[] { virtualRanks, workers, rank }.Select(static n => n.ToString(CultureInfo.InvariantCulture)))
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        if (faults is not null)
            (start.Environment["CLUSTERBENCH_FAULTS"], start.Environment["CLUSTERBENCH_FAULTS_DIR"]) = (faults, folder);
        return new MemberProcess(Process.Start(start)!);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
