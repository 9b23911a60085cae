using System.Runtime.Intrinsics.X86;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// Cures oneDNN on virtual machines that hide the processor's caches. oneDNN asks an AMD processor for its cache sizes by CPUID leaf
/// 0x8000001D; a hypervisor that answers it with zeros makes oneDNN believe in caches of one byte. Its blocking then
/// divides by zero (1x1 convolutions: SIGFPE) or computes wrong sums without a word (3x3 convolutions with 512 channels: a feature
/// off by a fifth). Told that it knows no cache at all, oneDNN takes defaults of its own and is right.
/// </summary>
internal static unsafe class HiddenCaches
{
    // Layout of Xbyak::util::Cpu in libtorch 2.10: uint32 dataCacheSize[10], coresSharingDataCache[10], dataCacheLevels.
    private const int ObjectSize = 0x90, SizesAt = 0x1c, LevelsAt = 0x6c, MaxLevels = 10;

    /// <summary>A first-level cache below this many bytes is not one.</summary>
    private const uint Implausible = 1024;

    private static ReadOnlySpan<byte> CpuFunction => "_ZN4dnnl4impl3cpu3x643cpuEv"u8;

    private static ReadOnlySpan<byte> CpuObject => "_ZZN4dnnl4impl3cpu3x643cpuEvE4cpu_"u8;

    /// <summary>Whether oneDNN will ask this processor and be answered with nothing.</summary>
    public static bool IsHere
    {
        get
        {
            if (!X86Base.IsSupported)
                return false;
            var (_, ebx, ecx, edx) = X86Base.CpuId(0, 0);
            var isAmd = (ebx, edx, ecx) == (0x68747541, 0x69746E65, 0x444D4163);
            return isAmd && X86Base.CpuId(unchecked((int)0x8000001D), 0) == (0, 0, 0, 0);
        }
    }

    /// <summary>Makes oneDNN forget the sizes. To be called before the first convolution.</summary>
    /// <param name="library">Path of the loaded libtorch_cpu.so.</param>
    /// <param name="loadedAt">Where it begins in memory.</param>
    /// <returns>Whether oneDNN is cured; if not, it must not be used.</returns>
    public static bool Cure(string library, nint loadedAt)
    {
        if (ElfSymbols.Find(library, CpuFunction) is not { } function || ElfSymbols.Find(library, CpuObject) is not { Size: ObjectSize } cpu)
            return false;
        // Constructs the object at its first call; its address proves that the file and what is in memory are the same.
        var constructed = ((delegate* unmanaged<byte*>)(loadedAt + function.Offset))();
        ref var levels = ref *(uint*)(constructed + LevelsAt);
        if (constructed != (byte*)loadedAt + cpu.Offset || levels > MaxLevels)
            return false;
        if (levels > 0 && *(uint*)(constructed + SizesAt) < Implausible)
            levels = 0;
        return levels == 0;
    }
}
