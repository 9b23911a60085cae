using TorchSharp;

namespace ClusterBench.GpuWorker;

/// <summary>What a worker computes on.</summary>
internal static class Devices
{
    /// <summary>The device for <c>--device auto|cpu|cuda|cuda:N</c>; what auto chose is said.</summary>
    /// <exception cref="UserErrorException">CUDA is asked for and not there, or the name is unknown. Never a silent fallback to the CPU.</exception>
    public static string Choose(string device)
    {
        switch (device)
        {
            case "cpu":
                return device;
            case "auto":
                var choice = torch.cuda_is_available() ? "cuda:0" : "cpu";
                Console.Error.WriteLine($"--device auto: {choice}");
                return choice == "cpu" ? choice : Refuse(choice);
            case "cuda":
                return Refuse("cuda:0");
            default:
                return device.StartsWith("cuda:", StringComparison.Ordinal)
                    ? Refuse(device)
                    : throw new UserErrorException($"--device {device}: not one of auto, cpu, cuda, cuda:N.");
        }
    }

    private static string Refuse(string device) => throw new UserErrorException(
        torch.cuda_is_available()
            ? $"--device {device}: feature extraction on CUDA is not built yet; use --device cpu."
            : $"--device {device}: no CUDA device is usable here (this build has {(torch.cuda.is_available() ? "" : "no ")}CUDA support); use --device cpu.");
}
