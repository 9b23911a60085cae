namespace ClusterBench.GpuWorker.Numerics;

/// <summary>How many threads of the worker may compute at once; each computation of a batch holds one token.</summary>
public sealed class ComputeTokens(int count) : IDisposable
{
    private readonly SemaphoreSlim _tokens = count >= 1
        ? new SemaphoreSlim(count)
        : throw new ArgumentOutOfRangeException(nameof(count), count, "at least one thread computes");
    private readonly Lock _alone = new();
    private int _running, _peak;

    public int Count => count;

    /// <summary>For tests: the most computations that ran at once since it was last asked.</summary>
    internal int TakePeak() => Interlocked.Exchange(ref _peak, 0);

    /// <summary>Computes beside at most <see cref="Count"/> - 1 others.</summary>
    public T Run<T>(Func<T> compute)
    {
        _tokens.Wait();
        try
        {
            return Counted(compute);
        }
        finally
        {
            _tokens.Release();
        }
    }

    /// <summary>Computes while nobody else does. The calling thread must hold no token.</summary>
    public T RunAlone<T>(Func<T> compute)
    {
        lock (_alone)
        {
            for (var i = 0; i < count; i++)
                _tokens.Wait();
            try
            {
                return Counted(compute);
            }
            finally
            {
                _tokens.Release(count);
            }
        }
    }

    private T Counted<T>(Func<T> compute)
    {
        var running = Interlocked.Increment(ref _running);
        for (int seen; (seen = Volatile.Read(ref _peak)) < running && Interlocked.CompareExchange(ref _peak, running, seen) != seen;)
        {
        }
        try
        {
            return compute();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public void Dispose() => _tokens.Dispose();
}
