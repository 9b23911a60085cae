namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>What the threads of one generation share: the lock that guards its queues, the news about them, and what ended it.</summary>
internal sealed class Gate
{
    private readonly object _sync = new();
    private CollectiveAbortedException? _aborted;
    private Action? _onAbort;

    public CollectiveAbortedException? Aborted => Volatile.Read(ref _aborted);

    /// <summary>Ends the generation; the first reason stays.</summary>
    public void Abort(CollectiveAbortedException reason)
    {
        Action? onAbort;
        lock (_sync)
        {
            if (_aborted is not null)
                return;
            _aborted = reason;
            onAbort = _onAbort;
            Monitor.PulseAll(_sync);
        }
        onAbort?.Invoke();
    }

    /// <summary>What to do, once, when the generation is aborted: at once if it is already.</summary>
    public void OnAbort(Action action)
    {
        lock (_sync)
        {
            if (_aborted is null)
            {
                _onAbort += action;
                return;
            }
        }
        action();
    }

    public void ThrowIfAborted()
    {
        // A new exception for each caller: a thrown one carries the stack of its thread.
        if (Aborted is { } aborted)
            throw new CollectiveAbortedException(aborted);
    }

    /// <summary>Changes what the lock guards, and wakes who waits.</summary>
    public void Change(Action change)
    {
        lock (_sync)
        {
            change();
            Monitor.PulseAll(_sync);
        }
    }

    /// <summary>Waits until the condition, which is evaluated under the lock, holds.</summary>
    /// <exception cref="CollectiveAbortedException">The generation was aborted before.</exception>
    public void Wait(Func<bool> condition)
    {
        lock (_sync)
            while (!condition())
            {
                ThrowIfAborted();
                Monitor.Wait(_sync);
            }
    }
}
