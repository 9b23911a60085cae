using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Perf.Measuring;
using static TorchSharp.torch;

namespace ClusterBench.Perf.Subjects;

/// <summary>
/// The mean of one bucket over some processes of one virtual rank each. A repetition begins and ends with a gather of one byte, so that
/// everyone begins together and the time is that of the last.
/// </summary>
internal sealed class AllReduceSubject : ISubject
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Work _work;
    private readonly Process[] _others;
    private readonly DataPlane _plane = new("127.0.0.1", 0);
    private readonly TcpCollective _collective;
    private readonly Tensor _sum, _mean;
    private long _step;

    public AllReduceSubject(Work work)
    {
        _work = work;
        _others = work.Rank > 0 ? [] : [.. Enumerable.Range(1, work.Members - 1).Select(rank => Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["subject", JsonSerializer.Serialize(work with { Rank = rank }, Json)]) { UseShellExecute = false })!)];
        File.WriteAllText(PortFile(work.Rank) + ".new", _plane.Port.ToString(CultureInfo.InvariantCulture));
        File.Move(PortFile(work.Rank) + ".new", PortFile(work.Rank));
        var group = new CollectiveGroup
        {
            Run = "perf", Generation = 1, PlanHash = "perf", VirtualRanks = work.Members, Rank = work.Rank,
            Members = [.. Enumerable.Range(0, work.Members).Select(rank => new CollectiveMember($"member {rank}", "1", "127.0.0.1", PortOf(rank)))],
        };
        _collective = TcpCollective.Connect(_plane, group, Encoding.ASCII.GetBytes("nobody else listens here"));
        (_sum, _mean) = (empty(work.Floats, ScalarType.Float32), empty(work.Floats, ScalarType.Float32));
        var values = _sum.Floats();
        for (var i = 0; i < values.Length; i++)
            values[i] = (((uint)i * 2654435761 + (uint)work.Rank * 97) & 0xFFFF) / 65536f;
    }

    /// <summary>What the other processes do: the same repetitions, until rank 0 leaves.</summary>
    public static int Follow(Work work)
    {
        using var subject = new AllReduceSubject(work);
        try
        {
            while (true)
                subject.Repeat();
        }
        catch (CollectiveAbortedException e) when (e.Peer == 0)
        {
            return 0;
        }
    }

    public long Repeat()
    {
        _collective.Gather(_step, [new byte[1]]);
        _collective.Reduce(_step, 0, [_sum], _mean).Wait();
        _collective.Gather(_step++, [new byte[1]]);
        return _work.Floats * 4L / 1_000_000;
    }

    public byte[] Output() => MemoryMarshal.AsBytes(_mean.Floats()).ToArray();

    public void Dispose()
    {
        _collective.Dispose();
        _plane.Dispose();
        _sum.Dispose();
        _mean.Dispose();
        foreach (var other in _others)
        {
            other.WaitForExit();
            other.Dispose();
        }
    }

    private string PortFile(int rank) => Path.Combine(_work.Folder, string.Create(CultureInfo.InvariantCulture, $"port-{_work.Output}-{rank}"));

    private int PortOf(int rank)
    {
        if (!SpinWait.SpinUntil(() => File.Exists(PortFile(rank)), TimeSpan.FromSeconds(30)))
            throw new UserErrorException($"member {rank} did not start", exitCode: 1);
        return int.Parse(File.ReadAllText(PortFile(rank)), CultureInfo.InvariantCulture);
    }
}
