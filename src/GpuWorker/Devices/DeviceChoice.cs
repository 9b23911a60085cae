using System.Globalization;
using TorchSharp;

namespace ClusterBench.GpuWorker.Devices;

/// <summary>From <c>--device auto|cpu|cuda|cuda:N</c> to the device. A device that was asked for and is not there is an error.</summary>
internal static class DeviceChoice
{
    /// <summary>The device of this process; what <c>auto</c> and <c>cuda</c> came to is said.</summary>
    /// <param name="wanted">The option's value.</param>
    /// <param name="slot">The worker's place among those of its machine, from 1: <c>cuda</c> spreads the workers over the GPUs by it.</param>
    /// <exception cref="UserErrorException">The device cannot be used here; the message says why and what to do.</exception>
    public static ComputeDevice Make(string wanted, int? slot)
    {
        var hasCuda = File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so"));
        var gpu = Choose(wanted, slot, hasCuda, CudaDriver.Gpus, Console.Error.WriteLine);
        if (gpu is null)
            return ComputeDevice.Cpu;
        if (!torch.cuda_is_available() || torch.cuda.device_count() <= gpu.Index)
            throw new UserErrorException(
                $"--device {wanted}: the driver shows {gpu}, but libtorch {torch.__version__} cannot use it: the driver may be older than its CUDA 12.8 needs. "
                + "Update the driver (nvidia-smi shows its version), or take --device cpu.", 1);
        return ComputeDevice.Of(gpu);
    }

    /// <summary>The rule: the GPU to use, or null for the CPU.</summary>
    internal static Gpu? Choose(string wanted, int? slot, bool hasCuda, Func<IReadOnlyList<Gpu>> gpus, Action<string> say)
    {
        var index = Index(wanted);
        if (wanted == "cpu")
            return null;
        if (!hasCuda)
            return Without(wanted, "this build of the worker is without CUDA (build with -p:WithCuda=true)", say);
        IReadOnlyList<Gpu> here;
        try
        {
            here = gpus();
        }
        catch (UserErrorException e)
        {
            return Without(wanted, e.Message, say);
        }

        if (here.Count == 0)
            return Without(wanted, "the driver shows no GPU (check nvidia-smi and CUDA_VISIBLE_DEVICES)", say);
        if (index >= here.Count)
            throw new UserErrorException($"--device {wanted}: there is no such GPU; visible are {string.Join(", ", here)} (CUDA_VISIBLE_DEVICES counts).", 1);
        var chosen = here[index ?? Math.Max(0, (slot ?? 0) - 1) % here.Count];
        if (index is null)
            say($"--device {wanted}: {chosen}");
        return chosen;
    }

    private static int? Index(string wanted)
    {
        const string Numbered = "cuda:";
        if (wanted is "auto" or "cpu" or "cuda")
            return null;
        return wanted.StartsWith(Numbered, StringComparison.Ordinal)
            && int.TryParse(wanted.AsSpan(Numbered.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : throw new UserErrorException($"--device {wanted}: not one of auto, cpu, cuda, cuda:N.");
    }

    /// <summary>The CPU for auto, which says so; for everything else an error.</summary>
    private static Gpu? Without(string wanted, string why, Action<string> say)
    {
        if (wanted != "auto")
            throw new UserErrorException($"--device {wanted}: {why}. Take --device cpu to compute on the processor.", 1);
        say($"--device auto: cpu ({why})");
        return null;
    }
}
