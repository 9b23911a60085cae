using System.Globalization;
using TorchSharp;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// What must be settled before libtorch loads: its files are there, and its environment is the one that results are promised for.
/// A worker does this for itself, so that one that no parent of ours started computes the same bits.
/// </summary>
public static class NativeSetup
{
    private static readonly Lock Gate = new();
    private static bool _done;
    private static CacheState _caches;

    /// <summary>
    /// Passive waiting (spinning is six times slower on a busy machine), no thread counts that change by load, one code path of
    /// MKL whatever the address of a matrix, one OpenMP thread unless a thread asks for more with <c>set_num_threads</c>, and for
    /// CUDA the one size of cuBLAS's workspace with which its results do not depend on streams.
    /// </summary>
    internal static readonly IReadOnlyList<(string Name, string Value)> Variables =
    [
        ("OMP_WAIT_POLICY", "PASSIVE"), ("OMP_DYNAMIC", "FALSE"), ("MKL_DYNAMIC", "FALSE"),
        ("MKL_CBWR", "AUTO"), ("OMP_NUM_THREADS", "1"),
        ("CUBLAS_WORKSPACE_CONFIG", ":4096:8"),
    ];

    /// <summary>
    /// Prepares the process and loads libtorch; every later call returns at once. To be called before the first tensor.
    /// </summary>
    /// <exception cref="UserErrorException">A file of libtorch is missing.</exception>
    /// <exception cref="InvalidOperationException">libtorch was already loaded: the settings would come too late.</exception>
    public static void Initialize()
    {
        lock (Gate)
        {
            if (_done)
                return;
            if (Loaded() is not null)
                throw new InvalidOperationException("NativeSetup.Initialize must come before the first use of TorchSharp.");
            NativeFiles.Require(AppContext.BaseDirectory);
            foreach (var (name, value) in Variables)
                Libc.SetEnvironment(name, value);
            Libc.KeepFreedMemory();
            torch.set_num_threads(1);
            TorchContext.UseNnpack(false);
            TorchContext.MakeCudaExact();
            _caches = Cure();
            if (_caches is CacheState.OneDnnOff)
                TorchContext.UseOneDnn(false);
            _done = true;
        }
    }

    /// <summary>How oneDNN stands to this machine's caches; known after <see cref="Initialize"/>.</summary>
    internal static CacheState Caches => _caches;

    /// <summary>What a run's report must say of this process, a sentence each; empty on an ordinary machine.</summary>
    public static IReadOnlyList<string> Notes => Caches switch
    {
        CacheState.Cured => [$"{Environment.MachineName} hides its processor's caches (a virtual machine): oneDNN works with its own defaults instead; results are right, last bits are those of such machines"],
        CacheState.OneDnnOff => [$"{Environment.MachineName} hides its processor's caches (a virtual machine), and this build of libtorch could not be told so: convolutions run without oneDNN, which is right and slower"],
        _ => [],
    };

    /// <summary>For tests: behave as on a machine with hidden caches and a libtorch that cannot be cured.</summary>
    internal static bool PretendIncurable { get; set; }

    private static CacheState Cure()
    {
        if (PretendIncurable)
            return CacheState.OneDnnOff;
        if (!HiddenCaches.IsHere)
            return CacheState.Told;
        return Loaded() is { } library && HiddenCaches.Cure(library.Path, library.Address) ? CacheState.Cured : CacheState.OneDnnOff;
    }

    /// <summary>The file of libtorch that is loaded and the address it begins at.</summary>
    private static (string Path, nint Address)? Loaded()
    {
        if (!File.Exists("/proc/self/maps"))
            return null;
        foreach (var line in File.ReadLines("/proc/self/maps"))
            if (line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
                return (line[line.IndexOf('/', StringComparison.Ordinal)..],
                    nint.Parse(line.AsSpan(0, line.IndexOf('-', StringComparison.Ordinal)), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return null;
    }
}

/// <summary>How oneDNN stands to the processor's caches.</summary>
internal enum CacheState
{
    /// <summary>The machine tells them.</summary>
    Told,
    /// <summary>The machine hides them; oneDNN takes its defaults (<see cref="HiddenCaches"/>).</summary>
    Cured,
    /// <summary>The machine hides them and oneDNN could not be told: it is not used.</summary>
    OneDnnOff,
}
