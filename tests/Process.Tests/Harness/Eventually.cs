using System.Diagnostics;

namespace ClusterBench.Tests.Harness;

/// <summary>Waiting for something that another process does.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is not null.</summary>
    public static async Task<T> HaveAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? patience = null)
        where T : class
    {
        var limit = patience ?? TimeSpan.FromSeconds(90);
        for (long begin = Stopwatch.GetTimestamp(); ;)
        {
            if (await ask() is { } answer)
                return answer;
            Assert.True(Stopwatch.GetElapsedTime(begin) < limit, $"not within {limit.TotalSeconds:0} s: {what}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }

    public static Task<T> HaveAsync<T>(Func<T?> ask, string what, TimeSpan? patience = null)
        where T : class => HaveAsync(() => Task.FromResult(ask()), what, patience);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        HaveAsync(() => condition() ? "" : null, what, patience);
}
