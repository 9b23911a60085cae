using System.Globalization;
using ClusterBench.GpuWorker.Devices;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Who this process is: a place (host, device, slot) that stays the same over restarts, and a random incarnation that does not.</summary>
public sealed record WorkerIdentity(string Id, string Incarnation, string Host, string Device)
{
    /// <param name="device">What it computes on. A GPU is named by its own number: its index changes with CUDA_VISIBLE_DEVICES.</param>
    /// <param name="slot">The place among the workers of this machine; null for a worker started by hand: then each process is a place of its own.</param>
    public static WorkerIdentity Create(ComputeDevice device, int? slot)
    {
        var host = Environment.MachineName;
        var place = slot is { } n ? n.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"p{Environment.ProcessId}");
        var where = device.Gpu switch
        {
            null => device.Kind,
            { Uuid.Length: >= 8 } gpu => $"cuda-{gpu.Uuid[..8]}",
            var gpu => string.Create(CultureInfo.InvariantCulture, $"cuda{gpu.Index}"),
        };
        return new WorkerIdentity($"{host}/{where}-{place}", Guid.NewGuid().ToString("N")[..12], host, device.Name);
    }
}
