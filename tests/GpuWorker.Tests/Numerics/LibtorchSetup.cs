using System.Runtime.CompilerServices;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.Tests.Numerics;

/// <summary>Settles libtorch's environment before any test of this program touches a tensor, as the worker's Main does.</summary>
internal static class LibtorchSetup
{
    /// <summary>Set for a process of its own: it computes as on a machine whose hidden caches cannot be cured.</summary>
    public const string WithoutOneDnn = "CLUSTERBENCH_TEST_WITHOUT_ONEDNN";

    [ModuleInitializer]
    internal static void Initialize()
    {
        NativeSetup.PretendIncurable = Environment.GetEnvironmentVariable(WithoutOneDnn) is { Length: > 0 };
        NativeSetup.Initialize();
    }
}
