namespace ClusterBench.Cli.Embedded;

/// <summary>
/// When a child that ended is started again, and when no more: after 0, 1, 2, 5, 10 s by the number of ends within the last minute;
/// given up after five ends within a minute without having registered in between. Pure but for the clock.
/// </summary>
public sealed class RestartPolicy(TimeProvider time)
{
    /// <summary>Ends without registering that make a crash loop.</summary>
    public const int Limit = 5;

    /// <summary>The time that ends are counted over.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan[] Delays = [.. new[] { 0, 1, 2, 5, 10 }.Select(static s => TimeSpan.FromSeconds(s))];

    private readonly Queue<long> _ends = new();
    private readonly Queue<long> _unregistered = new();

    /// <summary>Notes an end.</summary>
    /// <param name="registered">The child had registered before it ended.</param>
    /// <returns>How long to wait before the next start; null: it is a crash loop.</returns>
    public TimeSpan? Ended(bool registered)
    {
        long now = time.GetTimestamp();
        Count(_ends, now);
        if (registered)
            _unregistered.Clear();
        else
            Count(_unregistered, now);
        return _unregistered.Count >= Limit ? null : Delays[Math.Min(_ends.Count, Delays.Length) - 1];
    }

    private void Count(Queue<long> ends, long now)
    {
        ends.Enqueue(now);
        while (time.GetElapsedTime(ends.Peek(), now) > Window)
            ends.Dequeue();
    }
}
