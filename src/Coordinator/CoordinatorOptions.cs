namespace ClusterBench.Coordinator;

/// <summary>What <c>clusterbench coordinator</c> was called with.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>The name or address that workers and clients can connect to.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of the cluster's transport; 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of the HTTP API; 0: a free one.</summary>
    public int ApiPort { get; init; }

    /// <summary>The SQLite file of the journal.</summary>
    public required string JournalFile { get; init; }

    /// <summary>Where <c>cluster.json</c> is written.</summary>
    public required string StateDir { get; init; }

    /// <summary>The bearer token of the API.</summary>
    public required string Token { get; init; }

    /// <summary>The user's <c>--hocon FILE</c>.</summary>
    public string? HoconFile { get; init; }

    /// <summary>The embedded call that started this node; empty on a long-lived cluster. Open runs of another owner wait for <c>resume</c>.</summary>
    public string Owner { get; init; } = "";
}
