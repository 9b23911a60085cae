namespace ClusterBench.GpuWorker.Numerics;

/// <summary>How many threads of the worker may compute at once; each computation of a batch holds one token.</summary>
public sealed class ComputeTokens(int count) : IDisposable
{
    private readonly SemaphoreSlim _tokens = count >= 1
        ? new SemaphoreSlim(count)
        : throw new ArgumentOutOfRangeException(nameof(count), count, "at least one thread computes");
    private readonly Lock _alone = new();

    public int Count => count;

    /// <summary>Computes beside at most <see cref="Count"/> - 1 others.</summary>
    public T Run<T>(Func<T> compute)
    {
        _tokens.Wait();
        try
        {
            return compute();
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
                return compute();
            }
            finally
            {
                _tokens.Release(count);
            }
        }
    }

    public void Dispose() => _tokens.Dispose();
}
