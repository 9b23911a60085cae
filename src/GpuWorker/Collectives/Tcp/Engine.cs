namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>A call that the engine's thread makes for its caller.</summary>
internal sealed class Operation(Gate gate, Action body) : IPendingReduction
{
    private readonly object _sync = new();
    private bool _hasEnded, _hasFailed;

    public void Wait()
    {
        lock (_sync)
            while (!_hasEnded)
                Monitor.Wait(_sync);
        if (_hasFailed)
            gate.ThrowIfAborted();
    }

    public void Run() => body();

    /// <param name="failed">The generation has been aborted before this operation was done.</param>
    public void End(bool failed)
    {
        lock (_sync)
        {
            (_hasEnded, _hasFailed) = (true, failed);
            Monitor.PulseAll(_sync);
        }
    }
}

/// <summary>
/// The thread that makes a generation's calls, one after the other in the order in which they were begun, and that closes the
/// connections in the end. An operation ends only when no thread of the data plane touches its tensors any more.
/// </summary>
internal sealed class Engine
{
    private readonly Gate _gate;
    private readonly Action<Exception> _failed;
    private readonly Action<bool> _close;
    private readonly Queue<Operation> _queue = [];
    private readonly Thread _thread;
    private Operation? _running;
    private bool _isLeaving, _isClosed;

    /// <param name="failed">Told what an operation threw; aborts the generation.</param>
    /// <param name="close">Closes all connections, in order (true) or at once, and returns when their threads have ended.</param>
    public Engine(Gate gate, string name, Action<Exception> failed, Action<bool> close)
    {
        (_gate, _failed, _close) = (gate, failed, close);
        _thread = new Thread(Run) { IsBackground = true, Name = $"coll-engine {name}" };
        _thread.Start();
    }

    /// <exception cref="CollectiveAbortedException">The generation is over.</exception>
    public Operation Begin(Action body)
    {
        var operation = new Operation(_gate, body);
        var isRefused = false;
        _gate.Change(() =>
        {
            isRefused = _gate.Aborted is not null || _isClosed || _isLeaving;
            if (!isRefused)
                _queue.Enqueue(operation);
        });
        if (!isRefused)
            return operation;
        _gate.ThrowIfAborted();
        throw new ObjectDisposedException(nameof(ICollective));
    }

    /// <summary>Ends the thread: in order when no call is under way.</summary>
    /// <returns>False: a call was, and nothing has been done.</returns>
    public bool TryLeave()
    {
        var isIdle = false;
        _gate.Change(() => _isLeaving = isIdle = _queue.Count == 0 && _running is null);
        return isIdle;
    }

    public void Join() => _thread.Join();

    private void Run()
    {
        try
        {
            while (Next() is { } operation)
            {
                operation.Run();
                _gate.Change(() => _running = null);
                operation.End(failed: false);
            }
        }
        catch (Exception e)
        {
            if (e is not CollectiveAbortedException)
                _failed(e);
        }
        // Before anybody is told: what was under way must not touch tensors that their owner may now free.
        _close(_gate.Aborted is null);
        Operation[] left = [];
        _gate.Change(() =>
        {
            left = _running is null ? [.. _queue] : [_running, .. _queue];
            _isClosed = true;
        });
        foreach (var operation in left)
            operation.End(failed: true);
    }

    private Operation? Next()
    {
        Operation? next = null;
        _gate.Wait(() =>
        {
            if (_gate.Aborted is null && _queue.TryDequeue(out next))
                _running = next;
            return next is not null || _isLeaving;
        });
        return next;
    }
}
