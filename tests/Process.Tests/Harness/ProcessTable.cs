using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterBench.Tests.Harness;

/// <summary>A process as /proc shows it.</summary>
internal sealed record ProcessEntry(int Pid, int Parent, IReadOnlyList<string> Words)
{
    /// <summary>The verb: <c>worker</c>, <c>coordinator</c>, <c>knn</c>.</summary>
    public string Verb => Words.Count > 1 ? Words[1] : "";

    public override string ToString() => $"{Pid} (parent {Parent}): {string.Join(' ', Words)}";
}

/// <summary>The processes of this machine.</summary>
internal static partial class ProcessTable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Processes that were started with this text in their environment (inherited by whatever they started). The dead are left out.</summary>
    public static IReadOnlyList<ProcessEntry> WithEnvironment(string assignment)
    {
        var wanted = Encoding.UTF8.GetBytes("\0" + assignment + "\0");
        var found = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                byte[] environment = [0, .. File.ReadAllBytes(Path.Combine(folder, "environ")), 0];
                if (environment.AsSpan().IndexOf(wanted) < 0)
                    continue;
                string[] stat = Stat(pid);
                if (stat[0] is not ("Z" or "X"))
                    found.Add(new ProcessEntry(pid, int.Parse(stat[1], CultureInfo.InvariantCulture), File.ReadAllText(Path.Combine(folder, "cmdline")).TrimEnd('\0').Split('\0')));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is another user's.
            }
        }

        return found;
    }

    /// <summary>Whether a process is there; one that has ended and whose parent has not noticed yet is not.</summary>
    public static bool Lives(int pid)
    {
        try
        {
            return Stat(pid)[0] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal; a negative id means a process group. One that is gone already is no error.</summary>
    public static void Signal(int pid, int signal) => _ = Kill(pid, signal);

    // The name in parentheses may hold blanks; what follows it is state, parent, ...
    private static string[] Stat(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
