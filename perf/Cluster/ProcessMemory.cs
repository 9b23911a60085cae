using System.Globalization;

namespace ClusterBench.Perf.Cluster;

/// <summary>Resident memory of a process in megabytes (1e6 bytes), from <c>/proc/PID/status</c>.</summary>
/// <param name="Anonymous">RssAnon: its own, shared with nobody.</param>
/// <param name="All">VmRSS: files mapped into it (libtorch, the runtime) included.</param>
internal readonly record struct ProcessMemory(double Anonymous, double All)
{
    public static ProcessMemory Of(int pid)
    {
        var lines = File.ReadAllLines($"/proc/{pid}/status");
        return new ProcessMemory(Value("RssAnon:"), Value("VmRSS:"));

        double Value(string key) => 1.024e-3 * double.Parse(
            lines.Single(l => l.StartsWith(key, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
