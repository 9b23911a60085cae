using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>What can explain that two workers compute different bits.</summary>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="NumericsVersion">Version of this program's own arithmetic, <see cref="CurrentNumericsVersion"/>.</param>
/// <param name="Cpu">Name, family, model and stepping of the processor.</param>
/// <param name="Caches">Sizes that oneDNN blocks its loops by, or that the machine hides them.</param>
/// <param name="Glibc">Version of the C library, whose exp, cos and pow are used.</param>
/// <param name="DotNet">Version of the runtime.</param>
/// <param name="Gpu">Name of the GPU; null on a CPU worker.</param>
public sealed record MachineFacts(string Libtorch, int NumericsVersion, string Cpu, string Caches, string Glibc, string DotNet, string? Gpu)
{
    /// <summary>Raised by every change of this program after which the same input gives other bits.</summary>
    public const int CurrentNumericsVersion = 1;

    /// <summary>The fields by the name that messages use.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields =>
    [
        ("libtorch", Libtorch), ("numerics version", NumericsVersion.ToString(CultureInfo.InvariantCulture)), ("CPU", Cpu),
        ("caches", Caches), ("glibc", Glibc), (".NET", DotNet), ("GPU", Gpu ?? "none"),
    ];

    internal static MachineFacts Here(string? gpu) => new(
        TorchSharp.torch.__version__, CurrentNumericsVersion, CpuName(), CacheSizes(), Libc.GlibcVersion() ?? "another C library",
        Environment.Version.ToString(), gpu);

    private static string CpuName()
    {
        const string Information = "/proc/cpuinfo";
        if (!File.Exists(Information))
            return "unknown";
        var lines = File.ReadLines(Information).TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        string Value(string key) => lines.GetValueOrDefault(key, "?");
        var vectors = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
        return $"{Value("model name")} family {Value("cpu family")} model {Value("model")} stepping {Value("stepping")}, {vectors}";
    }

    private static string CacheSizes()
    {
        if (NativeSetup.Caches is not CacheState.Told)
            return NativeSetup.Caches is CacheState.Cured ? "hidden by the virtual machine: oneDNN's defaults" : "hidden by the virtual machine: without oneDNN";
        const string Folder = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(Folder))
            return "unknown";
        string Read(string cache, string file) => File.ReadAllText(Path.Combine(cache, file)).Trim();
        return string.Join(", ", Directory.EnumerateDirectories(Folder, "index*").Order(StringComparer.Ordinal)
            .Where(cache => Read(cache, "type") != "Instruction").Select(cache => $"L{Read(cache, "level")} {Read(cache, "size")}"));
    }
}
