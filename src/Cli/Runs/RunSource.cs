using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Runs;

/// <summary>
/// Where runs are looked up: a running cluster, or the journal of a state dir on which none runs. The same questions, the same answers.
/// </summary>
internal sealed class RunSource : IDisposable
{
    private readonly Surroundings _around;
    private readonly IRunHistory? _journal;
    private readonly Patient? _patient;

    private RunSource(Surroundings around, string place, ApiClient? live, IRunHistory? journal)
    {
        (_around, Place, Live, _journal) = (around, place, live, journal);
        if (live is not null)
            _patient = new Patient(live, around.Time, around.Error.WriteLine);
    }

    /// <summary>What is looked at, for messages.</summary>
    public string Place { get; }

    /// <summary>The running cluster, if one runs.</summary>
    public ApiClient? Live { get; }

    /// <exception cref="ClusterUnreachableException">The cluster of <c>--cluster</c> does not answer.</exception>
    public static async Task<RunSource> OpenAsync(ClusterChoice cluster, Surroundings around, CancellationToken cancel)
    {
        if (cluster.Url is not null)
            return new RunSource(around, cluster.Url.AbsoluteUri.TrimEnd('/'), new ApiClient(cluster.Url, Tokens.Read(around)), null);
        ApiClient? live = await ClusterFiles.ConnectAsync(cluster.StateDir, cancel).ConfigureAwait(false);
        return new RunSource(around, around.ShownPath(cluster.StateDir), live, live is null ? around.Parts.Journals.Open(cluster.StateDir) : null);
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<RunView>> RunsAsync(CancellationToken cancel) => _patient is not null
        ? await _patient.AskAsync((api, token) => api.RunsAsync(token), cancel).ConfigureAwait(false)
        : _journal is null ? [] : [.. _journal.Runs().Select(RunStates.WithoutCluster)];

    /// <summary>The run that RUN means: an id, a unique prefix, a work dir, or <c>last</c>.</summary>
    /// <exception cref="UserErrorException">None or several.</exception>
    public async Task<RunView> FindAsync(string name, CancellationToken cancel) =>
        RunNames.Resolve(name, await RunsAsync(cancel).ConfigureAwait(false), _around, Place);

    /// <summary>The same run as it stands now.</summary>
    public async Task<RunView> AgainAsync(string run, CancellationToken cancel)
    {
        RunView? view = _patient is not null
            ? await _patient.AskAsync((api, token) => api.FindRunAsync(run, token), cancel).ConfigureAwait(false)
            : (await RunsAsync(cancel).ConfigureAwait(false)).FirstOrDefault(one => one.Run == run);
        return view ?? throw new UserErrorException($"{run} is no longer known in {Place}.", ExitCodes.Failed);
    }

    /// <summary>All events of a run after a sequence number.</summary>
    public async Task<IReadOnlyList<EventView>> EventsAsync(string run, long after, CancellationToken cancel)
    {
        if (_patient is null)
            return _journal?.Events(run, after) ?? [];
        var events = new List<EventView>();
        for (long? next = after; next is { } from;)
        {
            EventPage page = await _patient.AskAsync((api, token) => api.EventsAsync(run, from, token), cancel).ConfigureAwait(false);
            events.AddRange(page.Events);
            next = page.Next;
        }
        return events;
    }

    public void Dispose()
    {
        Live?.Dispose();
        _journal?.Dispose();
    }
}
