using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.Perf.Cluster;

/// <summary>A cluster as its state dir's <c>cluster.json</c> names it, and its API.</summary>
internal sealed class ClusterAccess(string stateDir, ProgramCall call)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromSeconds(120);

    /// <summary>Null while no coordinator has written it.</summary>
    public ClusterFile? File
    {
        get
        {
            var path = Path.Combine(stateDir, "cluster.json");
            return System.IO.File.Exists(path) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), ApiJson.Default.ClusterFile) : null;
        }
    }

    /// <summary>Waits for as many idle or busy workers.</summary>
    /// <exception cref="UserErrorException">The call ended, or two minutes passed, without them.</exception>
    public async Task<IReadOnlyList<WorkerView>> WorkersAsync(int count)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (ApiClient? api = null; ; await Task.Delay(Poll).ConfigureAwait(false))
        {
            if (call.HasEnded || TimeProvider.System.GetElapsedTime(start) > Patience)
                throw call.Failed($"had not {count} workers");
            if (File is not { } file)
                continue;
            api ??= new ApiClient(new Uri(file.Url), file.Token);
            try
            {
                WorkerView[] workers = [.. (await api.WorkersAsync(CancellationToken.None).ConfigureAwait(false)).Where(w => w.State is "idle" or "busy")];
                if (workers.Length >= count)
                {
                    api.Dispose();
                    return workers;
                }
            }
            catch (ClusterUnreachableException)
            {
                // It is about to answer.
            }
        }
    }
}
