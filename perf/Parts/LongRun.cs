using ClusterBench.Api;
using ClusterBench.Perf.Cluster;

namespace ClusterBench.Perf.Parts;

/// <summary>An embedded call that extracts for minutes and has got into its stride: every worker has done a shard.</summary>
internal sealed class LongRun : IAsyncDisposable
{
    private readonly ProgramCall _call;
    private readonly string _folder;

    private LongRun(ProgramCall call, string folder, EventFollower events, IReadOnlyList<WorkerView> workers, int coordinator) =>
        (_call, _folder, Events, Workers, Coordinator) = (call, folder, events, workers, coordinator);

    public EventFollower Events { get; }

    public IReadOnlyList<WorkerView> Workers { get; }

    /// <summary>Its process.</summary>
    public int Coordinator { get; }

    public static async Task<LongRun> StartAsync(string folder, string dataConfig, int workers)
    {
        var (state, work) = (Path.Combine(folder, "state"), Path.Combine(folder, "run"));
        var call = ProgramCall.Start(["features", SampleRun.Config, "--pretrained", "samples/simclr_r18w16_fashion.pth", "--dataset-config", dataConfig, "--split", "train",
            "--threads", "1", "--no-cache", "--work-dir", work, "--out", Path.Combine(folder, "out"), .. SampleRun.Embedded(state, workers)]);
        try
        {
            var access = new ClusterAccess(state, call);
            var events = new EventFollower(work, call);
            var views = await access.WorkersAsync(workers).ConfigureAwait(false);
            foreach (var view in views)
                await events.FirstAsync(e => e.IsExtraction && e.Incarnation == view.Incarnation, $"a shard by {view.Id}").ConfigureAwait(false);
            return new LongRun(call, folder, events, views, access.File!.CoordinatorPid);
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <returns>The moment before the signal.</returns>
    public static DateTimeOffset KillNow(int pid)
    {
        var at = TimeProvider.System.GetUtcNow();
        Signals.Send(pid, Signals.Kill);
        return at;
    }

    public DateTimeOffset Kill(int pid) => _call.HasEnded ? throw _call.Failed("ended before anything was killed") : KillNow(pid);

    public async ValueTask DisposeAsync()
    {
        await _call.StopAsync(Signals.Interrupt).ConfigureAwait(false);
        await _call.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }
}
