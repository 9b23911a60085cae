using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.Perf.Measuring;

/// <summary>What a reader must know of the machine to understand a number.</summary>
internal static class MachineFacts
{
    public static SortedDictionary<string, string> Here()
    {
        string Cpu(string key) => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "?";
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var system = File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?[12..].Trim('"') ?? "Linux";
        return new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["CPU"] = $"{Cpu("model name")} family {Cpu("cpu family")} model {Cpu("model\t")}, {Environment.ProcessorCount} cores seen",
            ["date"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["load"] = File.ReadAllText("/proc/loadavg").Split(' ')[0] + " before it",
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{double.Parse(memory, CultureInfo.InvariantCulture) / (1 << 20):0} GiB"),
            ["program"] = $"clusterbench {ProgramInfo.Version}",
            ["system"] = $"{system}, .NET {Environment.Version}, {RuntimeInformation.OSDescription}",
        };
    }
}
