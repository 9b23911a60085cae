using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Runs;

/// <summary>
/// Where runs are looked up: a running cluster, or the journal of a state dir on which none runs. The same questions, the same
/// answers; an embedded cluster that ends while it is asked is followed by its journal.
/// </summary>
internal sealed class RunSource : IDisposable
{
    private readonly ClusterChoice _cluster;
    private readonly Surroundings _around;
    private Patient? _patient;
    private IRunHistory? _journal;

    private RunSource(ClusterChoice cluster, Surroundings around) => (_cluster, _around) = (cluster, around);

    /// <summary>What is looked at, for messages.</summary>
    public string Place => _cluster.Url?.AbsoluteUri.TrimEnd('/') ?? _around.ShownPath(_cluster.StateDir);

    /// <summary>The running cluster, if one runs.</summary>
    public ApiClient? Live { get; private set; }

    /// <exception cref="UserErrorException">The token cannot be read.</exception>
    public static async Task<RunSource> OpenAsync(ClusterChoice cluster, Surroundings around, CancellationToken cancel)
    {
        var source = new RunSource(cluster, around)
        {
            Live = cluster.Url is not null ? new ApiClient(cluster.Url, SecretToken.Read(around))
                : await ClusterFiles.ConnectAsync(cluster.StateDir, cancel).ConfigureAwait(false),
        };
        if (source.Live is null)
            source._journal = around.Parts.Journals.Open(cluster.StateDir);
        else
            source._patient = new Patient(() => source.Live!, around.Time, around.Error.WriteLine, knownToLive: cluster.Url is null, worthWaiting: source.StillThere);
        return source;
    }

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<RunView>> RunsAsync(CancellationToken cancel) =>
        AskAsync((api, token) => api.RunsAsync(token), journal => [.. journal.Runs().Select(RunStates.WithoutCluster)], [], cancel);

    /// <summary>The run that RUN means: an id, a unique prefix, a work dir, or <c>last</c>.</summary>
    /// <exception cref="UserErrorException">None or several.</exception>
    public async Task<RunView> FindAsync(string name, CancellationToken cancel) =>
        RunNames.Resolve(name, await RunsAsync(cancel).ConfigureAwait(false), _around, Place);

    /// <summary>The same run as it stands now.</summary>
    public async Task<RunView> AgainAsync(string run, CancellationToken cancel) =>
        await AskAsync((api, token) => api.FindRunAsync(run, token),
            journal => journal.Runs().Where(one => one.Run == run).Select(RunStates.WithoutCluster).FirstOrDefault(), null, cancel).ConfigureAwait(false)
        ?? throw new UserErrorException($"{run} is no longer known in {Place}.", ExitCodes.Failed);

    /// <summary>All events of a run after a sequence number.</summary>
    public Task<IReadOnlyList<EventView>> EventsAsync(string run, long after, CancellationToken cancel) =>
        AskAsync<IReadOnlyList<EventView>>(async (api, token) => await Events.AllAsync(api, run, after, token).ConfigureAwait(false), journal => journal.Events(run, after), [], cancel);

    public void Dispose()
    {
        Live?.Dispose();
        _journal?.Dispose();
    }

    private async Task<T> AskAsync<T>(Func<ApiClient, CancellationToken, Task<T>> live, Func<IRunHistory, T> journal, T nothing, CancellationToken cancel)
    {
        if (_patient is not null)
        {
            try
            {
                return await _patient.AskAsync(live, cancel).ConfigureAwait(false);
            }
            catch (ClusterUnreachableException) when (_cluster.Url is null && !StillThere())
            {
                // Its call is done: what it has to say stands in the journal from now on.
                Live?.Dispose();
                (Live, _patient, _journal) = (null, null, _around.Parts.Journals.Open(_cluster.StateDir));
            }
        }
        return _journal is null ? nothing : journal(_journal);
    }

    /// <summary>Whether an answer can still be expected; takes up the new address of a coordinator that was started again.</summary>
    private bool StillThere()
    {
        if (_cluster.Url is not null)
            return true;
        if (ClusterFiles.Read(_cluster.StateDir) is not { } file)
            return false;
        if (new Uri(file.Url) != Live?.Url)
        {
            Live?.Dispose();
            Live = new ApiClient(new Uri(file.Url), file.Token);
        }
        return true;
    }
}
