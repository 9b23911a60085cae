using System.Collections.Concurrent;
using System.Text;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;

namespace ClusterBench.Tests.Collectives;

/// <summary>The members of a gang in one process, each with a thread and a data plane of its own.</summary>
internal sealed class LoopbackGang : IDisposable
{
    public static readonly byte[] Secret = Encoding.ASCII.GetBytes("the secret of run 1, long enough");

    private readonly int _virtualRanks;

    public LoopbackGang(int virtualRanks, int workers)
    {
        _virtualRanks = virtualRanks;
        Planes = [.. Enumerable.Range(0, workers).Select(_ => new DataPlane("127.0.0.1", 0, Log.Add))];
    }

    public IReadOnlyList<DataPlane> Planes { get; }

    public ConcurrentBag<string> Log { get; } = [];

    public TcpLimits Limits { get; init; } = new();

    public CollectiveGroup Group(int rank, int generation = 1) =>
        Gangs.Group(_virtualRanks, Planes.Count, rank, generation, [.. Planes.Select(static p => p.Port)]);

    public TcpCollective Connect(int rank, int generation = 1) => TcpCollective.Connect(Planes[rank], Group(rank, generation), Secret, Limits);

    /// <summary>What every member makes of a generation, in rank order.</summary>
    public T[] Run<T>(Func<ICollective, T> member, int generation = 1)
    {
        var results = new T[Planes.Count];
        OnThreads(Planes.Count, rank =>
        {
            using var collective = Connect(rank, generation);
            results[rank] = member(collective);
        });
        return results;
    }

    /// <summary>How every member's part, the connecting included, ended: null where it did not throw.</summary>
    public CollectiveAbortedException?[] Ends(Action<ICollective> member, int generation = 1)
    {
        var ends = new CollectiveAbortedException?[Planes.Count];
        OnThreads(Planes.Count, rank =>
        {
            try
            {
                using var collective = Connect(rank, generation);
                member(collective);
            }
            catch (CollectiveAbortedException e)
            {
                ends[rank] = e;
            }
        });
        return ends;
    }

    /// <summary>Runs something once per number, each on a thread of its own, and throws the first thing that was thrown.</summary>
    public static void OnThreads(int count, Action<int> body)
    {
        var errors = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                body(i);
            }
            catch (Exception e)
            {
                errors.Enqueue(e);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        Assert.All(threads, static thread => Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a member hangs"));
        if (errors.TryDequeue(out var error))
            throw new AggregateException(error);
    }

    public void Dispose()
    {
        foreach (var plane in Planes)
            plane.Dispose();
    }
}
