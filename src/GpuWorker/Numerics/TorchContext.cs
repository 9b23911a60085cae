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

    /// <summary>Whether convolutions and poolings may use oneDNN.</summary>
    public static bool UsesOneDnn => UserEnabledMkldnn(GlobalContext());

    /// <summary>
    /// What a GPU's results must not depend on: cuDNN takes only deterministic algorithms and does not choose them by a race of their
    /// times, and neither convolutions nor products round their inputs to the 10 bits of TF32 (docs/numerics.md).
    /// </summary>
    public static void MakeCudaExact()
    {
        SetDeterministicCudnn(GlobalContext(), true);
        SetBenchmarkCudnn(GlobalContext(), false);
        TorchSharp.torch.backends.cudnn.allow_tf32 = false;
        TorchSharp.torch.backends.cuda.matmul.allow_tf32 = false;
    }

    /// <summary>Whether <see cref="MakeCudaExact"/> holds.</summary>
    public static bool IsCudaExact =>
        DeterministicCudnn(GlobalContext()) && !BenchmarkCudnn(GlobalContext())
        && !TorchSharp.torch.backends.cudnn.allow_tf32 && !TorchSharp.torch.backends.cuda.matmul.allow_tf32;

    [LibraryImport(Library, EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    private static partial void SetUserEnabledMkldnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")]
    private static partial void SetUserEnabledNnpack(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "_ZNK2at7Context17userEnabledMkldnnEv")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool UserEnabledMkldnn(nint context);

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context21setDeterministicCuDNNEb")]
    private static partial void SetDeterministicCudnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "_ZNK2at7Context18deterministicCuDNNEv")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool DeterministicCudnn(nint context);

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context17setBenchmarkCuDNNEb")]
    private static partial void SetBenchmarkCudnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "_ZNK2at7Context14benchmarkCuDNNEv")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool BenchmarkCudnn(nint context);
}
