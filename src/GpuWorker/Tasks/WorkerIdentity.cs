using System.Globalization;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Who this process is: a place (host, device, slot) that stays the same over restarts, and a random incarnation that does not.</summary>
public sealed record WorkerIdentity(string Id, string Incarnation, string Host, string Device)
{
    /// <param name="device">What it computes on, e.g. <c>cpu</c> or <c>cuda:0</c>.</param>
    /// <param name="slot">The place among the workers of this machine; null for a worker started by hand: then each process is a place of its own.</param>
    public static WorkerIdentity Create(string device, int? slot)
    {
        var host = Environment.MachineName;
        var place = slot is { } n ? n.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"p{Environment.ProcessId}");
        var kind = device.Replace(":", "", StringComparison.Ordinal);
        return new WorkerIdentity($"{host}/{kind}-{place}", Guid.NewGuid().ToString("N")[..12], host, device);
    }
}
