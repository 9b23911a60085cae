namespace ClusterBench.GpuWorker.Gangs;

/// <summary>
/// Notices a thread of this process that hangs in a training step. Waiting for peers is not hanging: their own watch, and the silence
/// of their connections, are there for that. Evaluations and the first step of a generation have no usual length and are not watched.
/// </summary>
internal sealed class StepWatch(TimeProvider time)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);
    private const int Factor = 10, Remembered = 31;

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _steps = new();
    private long? _since;

    /// <summary>A step was applied, and another one follows it at once.</summary>
    /// <param name="length">How long it took.</param>
    /// <param name="isWatched">False where an evaluation or the end follows.</param>
    public void Applied(TimeSpan length, bool isWatched)
    {
        lock (_gate)
        {
            _steps.Enqueue(length);
            if (_steps.Count > Remembered)
                _steps.Dequeue();
            _since = isWatched ? time.GetTimestamp() : null;
        }
    }

    /// <summary>The thread waits for peers from now on, if it is watched at all.</summary>
    /// <returns>Whether it was watched.</returns>
    public bool Pause()
    {
        lock (_gate)
        {
            var was = _since is not null;
            _since = null;
            return was;
        }
    }

    /// <summary>The thread works on.</summary>
    public void Resume()
    {
        lock (_gate)
            _since = time.GetTimestamp();
    }

    /// <summary>How long the thread has been at work without a sign, where that is too long; null: all is well.</summary>
    public TimeSpan? Hung()
    {
        lock (_gate)
        {
            if (_since is not { } since || _steps.Count == 0)
                return null;
            var (elapsed, usual) = (time.GetElapsedTime(since), _steps.Order().ElementAt(_steps.Count / 2) * Factor);
            return elapsed > Least && elapsed > usual ? elapsed : null;
        }
    }
}
