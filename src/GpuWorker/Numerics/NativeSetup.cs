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

    /// <summary>
    /// Passive waiting (spinning is six times slower on a busy machine), no thread counts that change by load, one code path of
    /// MKL whatever the address of a matrix, and one OpenMP thread unless a thread asks for more with <c>set_num_threads</c>.
    /// </summary>
    internal static readonly IReadOnlyList<(string Name, string Value)> Variables =
    [
        ("OMP_WAIT_POLICY", "PASSIVE"), ("OMP_DYNAMIC", "FALSE"), ("MKL_DYNAMIC", "FALSE"),
        ("MKL_CBWR", "AUTO"), ("OMP_NUM_THREADS", "1"),
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
            if (HiddenCaches.IsHere && !(Loaded() is { } library && HiddenCaches.Cure(library.Path, library.Address)))
                TorchContext.UseOneDnn(false);
            _done = true;
        }
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
