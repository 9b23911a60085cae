using ClusterBench.Cluster;

namespace ClusterBench.Coordinator.Membership;

/// <summary>What a coordinator node needs to start.</summary>
public sealed record CoordinatorNodeOptions
{
    /// <summary>The SQLite file of journal and snapshots; its folder is made if it is not there. Lease and list of members lie beside it.</summary>
    public required string JournalFile { get; init; }

    /// <summary>The name or address that workers can connect to.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of the cluster's transport; 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>All nodes are on this machine (hocon/embedded.hocon).</summary>
    public bool Embedded { get; init; }

    /// <summary>The user's <c>--hocon FILE</c>.</summary>
    public string? HoconFile { get; init; }

    public HoconFiles Hocon { get; init; } = HoconFiles.BesideProgram;

    /// <summary>One line for a person; standard error unless said otherwise.</summary>
    public Action<string> Log { get; init; } = Console.Error.WriteLine;
}
