namespace ClusterBench.GpuWorker.Membership;

/// <summary>Pauses between attempts: 0.2, 0.4, 0.8, 1.6, then 2 s.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private TimeSpan next = First;

    public TimeSpan Next()
    {
        var pause = next;
        next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }

    public void Reset() => next = First;
}
