using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>Switches of libtorch that TorchSharp has no call for; the names are those of libtorch 2.10's C++ symbols.</summary>
internal static partial class TorchContext
{
    private const string Library = "libtorch_cpu.so";

    /// <summary>Whether convolutions and poolings use oneDNN; without it they are right, and slower.</summary>
    public static void UseOneDnn(bool enabled) => SetUserEnabledMkldnn(GlobalContext(), enabled);

    /// <summary>
    /// Whether convolutions look for NNPACK. Without AVX2-only hardware of its liking each look prints a warning on standard error.
    /// </summary>
    public static void UseNnpack(bool enabled) => SetUserEnabledNnpack(GlobalContext(), enabled);

    [LibraryImport(Library, EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    private static partial void SetUserEnabledMkldnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")]
    private static partial void SetUserEnabledNnpack(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);
}
