using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>The contestants of one race, each ready and warm.</summary>
internal sealed class StartingLine(Conditions conditions) : IAsyncDisposable
{
    private readonly List<Contestant> _contestants = [];
    private readonly List<string> _outputs = [];

    public IReadOnlyList<Contestant> Contestants => _contestants;

    /// <summary>Names of the files with everyone's numbers.</summary>
    public IReadOnlyList<string> Outputs => _outputs;

    public IEnumerable<string> About => _contestants.Select(c => c.About + ".").Distinct(StringComparer.Ordinal);

    public Task AddOursAsync(string name, Work work) => AddAsync(name, isPeer: false, work, null);

    public Task AddPeerAsync(string name, Work work, IReadOnlyDictionary<string, string>? environment) => AddAsync(name, isPeer: true, work, environment);

    /// <summary>PyTorch twice: as people run it, and with glibc told what we tell it.</summary>
    public async Task AddPeersAsync(Work work)
    {
        await AddPeerAsync("PyTorch", work with { Output = "peer" }, null).ConfigureAwait(false);
        await AddPeerAsync("PyTorch, same malloc", work with { Output = "peer_malloc" }, Race.SameMalloc).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contestant in _contestants)
            await contestant.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AddAsync(string name, bool isPeer, Work work, IReadOnlyDictionary<string, string>? environment)
    {
        conditions.Say($"  preparing {name}");
        _contestants.Add(await Contestant.StartAsync(name, isPeer, work, environment).ConfigureAwait(false));
        _outputs.Add(work.Output);
    }
}
