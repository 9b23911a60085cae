using System.Globalization;
using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;
using DeviceType = TorchSharp.DeviceType;

namespace ClusterBench.GpuWorker.Devices;

/// <summary>
/// What a worker computes on: the processor or one GPU. This is the only place where tensors go to a GPU and come back; on the
/// processor both are no copy, so that nothing of it depends on GPUs being known.
/// </summary>
public sealed class ComputeDevice
{
    private ComputeDevice(Gpu? gpu) => Gpu = gpu;

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu { get; } = new(null);

    /// <summary>A GPU that libtorch can use.</summary>
    public static ComputeDevice Of(Gpu gpu) => new(gpu);

    /// <summary>The GPU, or null for the processor.</summary>
    public Gpu? Gpu { get; }

    /// <summary><c>cpu</c> or <c>cuda</c>: what a run's config names.</summary>
    public string Kind => Gpu is null ? "cpu" : "cuda";

    /// <summary><c>cpu</c>, <c>cuda:0</c>, ...</summary>
    public string Name => Gpu is null ? "cpu" : string.Create(CultureInfo.InvariantCulture, $"cuda:{Gpu.Index}");

    /// <summary>Computations at once: a GPU has one, since its memory and not its threads is what runs out.</summary>
    public int Tokens(int ofProcessor) => Gpu is null ? ofProcessor : 1;

    /// <summary>A new handle of the values on the device, in the same layout; the caller's to dispose of.</summary>
    public Tensor Put(Tensor tensor) => Gpu is null ? tensor.alias() : tensor.to(DeviceType.CUDA, Gpu.Index);

    /// <summary>A new handle of the values in the processor's memory, row-major; the caller's to dispose of. Waits for the GPU.</summary>
    public Tensor Bring(Tensor tensor)
    {
        if (Gpu is null)
            return tensor.contiguous();
        using var here = tensor.to(DeviceType.CPU);
        return here.contiguous();
    }

    /// <summary>Runs work on the device and turns what a GPU's libraries throw into what a person or the cluster can act on.</summary>
    /// <param name="what">What its memory is needed for, e.g. <c>a batch of 64 images of 3 x 224 x 224</c>.</param>
    /// <param name="smaller">What makes it need less, e.g. <c>a smaller data.imgs_per_gpu</c>.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="UserErrorException">The GPU's memory is too small.</exception>
    /// <exception cref="DeviceFailedException">The GPU or its context is broken: no later call of this process would work.</exception>
    public T Run<T>(string what, string smaller, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException e) when (Gpu is not null && IsOutOfMemory(e))
        {
            throw new UserErrorException(
                $"{Gpu} on {Environment.MachineName} has not enough free memory for {what}. Take {smaller} or another device (--device cuda:N, --device cpu); "
                + $"nvidia-smi shows whether another process holds its memory. libtorch says: {FirstLine(e)}", 1, e);
        }
        catch (ExternalException e) when (Gpu is not null && e.Message.Contains("CUDA error", StringComparison.Ordinal))
        {
            throw new DeviceFailedException($"{Gpu} failed during {what}: {FirstLine(e)}", e);
        }
    }

    // The allocator's own words, the driver's, and cuBLAS's.
    private static bool IsOutOfMemory(ExternalException e) =>
        e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("_STATUS_ALLOC_FAILED", StringComparison.Ordinal);

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].Trim();
}

/// <summary>A GPU reported an error after which CUDA refuses everything in this process.</summary>
public sealed class DeviceFailedException(string message, Exception inner) : UnusableProcessException(message, inner);
