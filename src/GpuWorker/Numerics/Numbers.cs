using TorchSharp;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// The only place that makes TorchSharp <see cref="Scalar"/> objects. TorchSharp hands their native pointer to libtorch without
/// keeping the object alive, so a collection started by any other thread may free the number in the middle of the call: whoever
/// needs one makes it here once and holds it in a field for as long as it computes. The analyzer bans every other way.
/// </summary>
public static class Numbers
{
    /// <summary>1: the factor that <c>add_(tensor)</c> without it would make anew in every call.</summary>
    public static readonly Scalar One = Hold(1.0);

    /// <summary>A floating-point number for a field of the caller's.</summary>
#pragma warning disable RS0030 // the one place where a Scalar is made
    public static Scalar Hold(double value) => value;
#pragma warning restore RS0030
}
