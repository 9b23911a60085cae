namespace ClusterBench.Tests.Cluster;

/// <summary>Threads of this process that do nothing but take cores, until disposed of.</summary>
internal sealed class BusyCores : IDisposable
{
    private readonly Thread[] threads;
    private volatile bool ended;

    public BusyCores(int count)
    {
        threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Spin) { IsBackground = true, Name = "busy" })];
        foreach (var thread in threads)
            thread.Start();
    }

    public void Dispose()
    {
        ended = true;
        foreach (var thread in threads)
            thread.Join();
    }

    private void Spin()
    {
        while (!ended)
            Thread.SpinWait(1000);
    }
}
