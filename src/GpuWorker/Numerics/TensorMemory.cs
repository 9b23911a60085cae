using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>Direct access to a tensor's memory, and its layout.</summary>
public static partial class TensorMemory
{
    /// <summary>
    /// What every tensor that enters arithmetic is aligned to, in bytes. libtorch allocates at it; the result of a matrix product
    /// depends on its input's address modulo 16 where MKL is free to choose.
    /// </summary>
    public const int Alignment = 64;

    /// <summary>The elements of a contiguous float32 tensor on the CPU, without a copy; valid while the tensor lives.</summary>
    public static Span<float> Floats(this Tensor tensor) => Elements<float>(tensor, ScalarType.Float32);

    /// <summary>The elements of a contiguous int64 tensor on the CPU, without a copy; valid while the tensor lives.</summary>
    public static Span<long> Longs(this Tensor tensor) => Elements<long>(tensor, ScalarType.Int64);

    /// <summary>The address of the first element, a view's offset included.</summary>
    public static nint Address(this Tensor tensor)
    {
        var address = DataPointer(tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }

    public static bool IsAligned(this Tensor tensor) => tensor.Address() % Alignment == 0;

    /// <summary>A float32 tensor in memory of libtorch's own (so aligned), with a copy of the values in row-major order.</summary>
    public static Tensor Copy(ReadOnlySpan<float> values, params long[] shape)
    {
        var tensor = empty(shape, ScalarType.Float32);
        values.CopyTo(tensor.Floats());
        return tensor;
    }

    /// <summary>
    /// The same N x C x H x W values, stored N H W C, the layout that convolutions are fastest in. The strides say it to libtorch,
    /// which keeps the layout through convolutions, batch norms and poolings.
    /// </summary>
    public static Tensor ChannelsLast(this Tensor tensor)
    {
        using var moved = tensor.permute(0, 2, 3, 1);
        using var stored = moved.contiguous();
        return stored.permute(0, 3, 1, 2);
    }

    private static unsafe Span<T> Elements<T>(Tensor tensor, ScalarType type) where T : unmanaged
    {
        if (tensor.dtype != type || tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException($"a contiguous {type} tensor on the CPU is needed, not {tensor.dtype} on {tensor.device_type}", nameof(tensor));
        return new Span<T>((void*)tensor.Address(), checked((int)tensor.numel()));
    }

    [LibraryImport("libLibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint DataPointer(nint tensor);
}
