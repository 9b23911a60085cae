using System.Globalization;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// One thread for each virtual rank that a worker hosts, alive as long as the gang. libtorch's settings and TorchSharp's scopes belong
/// to the thread, and a rank that waits for others needs one of its own.
/// </summary>
internal sealed class RankThreads : IDisposable
{
    private static readonly Lock Settings = new();
    private readonly SemaphoreSlim[] _go;
    private readonly Thread[] _threads;
    private readonly Exception?[] _errors;
    private readonly CountdownEvent _running = new(1);
    private Action<int>? _job;

    /// <param name="count">Threads, at least 1.</param>
    /// <param name="first">Virtual rank of the first, for the threads' names.</param>
    /// <param name="intraOp">Threads that libtorch may use within one operation; it changes bits.</param>
    public RankThreads(int count, int first, int intraOp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(intraOp, 1);
        _errors = new Exception?[count];
        _go = [.. Enumerable.Range(0, count).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => Work(i, intraOp))
        {
            IsBackground = true,
            Name = string.Create(CultureInfo.InvariantCulture, $"rank-{first + i}"),
        })];
        foreach (var thread in _threads)
            thread.Start();
    }

    public int Count => _threads.Length;

    /// <summary>Runs the job on every thread with its number from 0, and waits for all of them.</summary>
    /// <exception cref="Exception">What the first thread in rank order threw.</exception>
    public void Run(Action<int> job)
    {
        Array.Clear(_errors);
        _job = job;
        _running.Reset(Count);
        foreach (var go in _go)
            go.Release();
        _running.Wait();
        if (Array.Find(_errors, error => error is not null) is { } first)
            ExceptionDispatchInfo.Throw(first);
    }

    /// <summary>Ends the threads; none is in a job then.</summary>
    public void Dispose()
    {
        _job = null;
        foreach (var go in _go)
            go.Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var go in _go)
            go.Dispose();
        _running.Dispose();
    }

    private void Work(int index, int intraOp)
    {
        // OpenMP's setting belongs to the thread: it is made on each, before its first operation.
        lock (Settings)
            set_num_threads(intraOp);
        while (true)
        {
            _go[index].Wait();
            if (_job is not { } job)
                return;
            try
            {
                job(index);
            }
            catch (Exception e)
            {
                _errors[index] = e;
            }
            _running.Signal();
        }
    }
}
