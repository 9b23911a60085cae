using ClusterBench.Api;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Clusters;

/// <summary>What <c>--device</c> comes to on this machine, and why.</summary>
internal sealed record DeviceChoice(string Device, string Why)
{
    /// <summary>The device of an embedded cluster's workers.</summary>
    /// <param name="wanted"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="UserErrorException">A GPU is asked for and there is none, or the worker was built without CUDA.</exception>
    public static DeviceChoice Embedded(string wanted, int gpus, bool workerHasCuda) => wanted switch
    {
        "cpu" => new("cpu", "as asked"),
        "auto" when gpus == 0 => new("cpu", "no GPU is visible"),
        "auto" when !workerHasCuda => new("cpu", $"{gpus} GPU(s) visible, but this build is without CUDA; build with -p:WithCuda=true to use them"),
        "auto" => new("cuda", $"{gpus} GPU(s) visible"),
        _ when !workerHasCuda => throw new UserErrorException($"--device {wanted}: this build is without CUDA. Build with -p:WithCuda=true, or take --device cpu."),
        _ when gpus == 0 => throw new UserErrorException($"--device {wanted}: no GPU is visible here. Check nvidia-smi and CUDA_VISIBLE_DEVICES, or take --device cpu."),
        _ => new(wanted, "as asked"),
    };

    /// <summary>The device of a run on a running cluster: that of its workers.</summary>
    public static DeviceChoice Remote(string wanted, IReadOnlyList<WorkerView> workers)
    {
        if (wanted != "auto")
            return new(wanted, "as asked");
        WorkerView? first = workers.FirstOrDefault(worker => worker.State != "lost");
        return first is null ? new("cpu", "the cluster has no worker yet; say --device cuda if it will have GPUs")
            : new(first.Device.Split(':')[0], $"as worker {first.Id} has it");
    }

    /// <summary>GPUs that a process started here would see.</summary>
    public static int VisibleGpus(Surroundings around)
    {
        if (around.Environment("CUDA_VISIBLE_DEVICES") is { } list)
        {
            string[] named = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return named.TakeWhile(name => name != "-1").Count();
        }
        const string Driver = "/proc/driver/nvidia/gpus";
        return Directory.Exists(Driver) ? Directory.GetDirectories(Driver).Length : 0;
    }
}
