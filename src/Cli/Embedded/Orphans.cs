using ClusterBench.Api;

namespace ClusterBench.Cli.Embedded;

/// <summary>
/// Children of an owner that was killed end by themselves, but not at once. Until its coordinator has let go of the journal a new
/// one is refused, so a new owner waits for it.
/// </summary>
internal static class Orphans
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the coordinator that a left-over <c>cluster.json</c> names is gone, or after <paramref name="patience"/>.</summary>
    public static async Task WaitGoneAsync(ClusterFile? leftOver, TimeSpan patience, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; leftOver is not null && IsCoordinator(leftOver.CoordinatorPid) && waited < patience; waited += Interval)
            await Task.Delay(Interval, cancel);
    }

    // Process ids are given out again: only a process that looks like a coordinator is waited for.
    private static bool IsCoordinator(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains("coordinator");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
