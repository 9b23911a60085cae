using ClusterBench.Api;

namespace ClusterBench.Cli.Runs;

internal static class Events
{
    /// <summary>Every event of a run after a sequence number, page by page.</summary>
    public static async Task<List<EventView>> AllAsync(ApiClient api, string run, long after, CancellationToken cancel)
    {
        var events = new List<EventView>();
        for (long? next = after; next is { } from;)
        {
            EventPage page = await api.EventsAsync(run, from, cancel).ConfigureAwait(false);
            events.AddRange(page.Events);
            next = page.Next;
        }
        return events;
    }
}
