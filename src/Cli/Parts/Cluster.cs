using ClusterBench.Api;

namespace ClusterBench.Cli.Parts;

/// <summary>How an embedded cluster is to be started.</summary>
/// <param name="StateDir">Absolute; journal, feature store, logs and <c>cluster.json</c> lie in it.</param>
/// <param name="Workers">Worker processes.</param>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Say">Takes a line for the user: a child that was started again, for example.</param>
internal sealed record EmbeddedRequest(string StateDir, int Workers, string Device, Action<string> Say);

/// <summary>A cluster of child processes that this program owns; disposing of it ends them.</summary>
internal interface IEmbedded : IAsyncDisposable
{
    /// <summary>A client of the coordinator as it is reached now: started again, it may have another port.</summary>
    ApiClient Client { get; }

    /// <summary>Completes with a text for the user when the cluster has given up (a child that ends at every start).</summary>
    Task<string> Failure { get; }
}

internal interface IEmbeddedStarter
{
    Task<IEmbedded> StartAsync(EmbeddedRequest request, CancellationToken cancel);
}

/// <summary>The runs of a journal, read without a cluster.</summary>
internal interface IRunHistory : IDisposable
{
    /// <summary>Oldest first.</summary>
    IReadOnlyList<RunView> Runs();

    /// <summary>All events of a run with a sequence number above <paramref name="after"/>.</summary>
    IReadOnlyList<EventView> Events(string run, long after);
}

internal interface IJournals
{
    /// <summary>The journal of a state dir, or null if there is none.</summary>
    IRunHistory? Open(string stateDir);
}

/// <summary>Options of <c>coordinator</c> as they were given; null: the program's default.</summary>
internal sealed record CoordinatorCall
{
    public required string Host { get; init; }
    public required int Port { get; init; }
    public required int ApiPort { get; init; }
    /// <summary>File of the SQLite journal, absolute.</summary>
    public required string JournalFile { get; init; }
    public required string StateDir { get; init; }
    public string? Hocon { get; init; }
    public required string? Token { get; init; }
}

internal interface ICoordinatorProgram
{
    /// <summary>Runs a coordinator until it is told to stop; the result is the exit status.</summary>
    Task<int> RunAsync(CoordinatorCall call, CancellationToken cancel);
}
