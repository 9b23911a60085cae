using System.Runtime.CompilerServices;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.Tests.Numerics;

/// <summary>Settles libtorch's environment before any test of this program touches a tensor, as the worker's Main does.</summary>
internal static class LibtorchSetup
{
    [ModuleInitializer]
    internal static void Initialize() => NativeSetup.Initialize();
}
