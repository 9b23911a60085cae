using Akka.Actor;
using ClusterBench.Cluster;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>What a worker node needs to find its cluster and to be a member of it.</summary>
public sealed record WorkerNodeOptions
{
    /// <summary>The worker's place (host and GPU, or slot); the same over all its ActorSystems.</summary>
    public required string WorkerId { get; init; }

    /// <summary><c>--join</c>: URL[,URL] of the coordinator's API, or @FILE, a cluster.json that may appear later.</summary>
    public required string Join { get; init; }

    /// <summary>The bearer token; with @FILE the file's own.</summary>
    public string? Token { get; init; }

    /// <summary>The name or address that the other nodes can connect to.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of the cluster's transport; 0: a free one, which is then kept over all ActorSystems.</summary>
    public int Port { get; init; }

    /// <summary>All nodes are on this machine (hocon/embedded.hocon).</summary>
    public bool Embedded { get; init; }

    /// <summary>The user's <c>--hocon FILE</c>.</summary>
    public string? HoconFile { get; init; }

    public HoconFiles Hocon { get; init; } = HoconFiles.BesideProgram;

    /// <summary>Called with each ActorSystem when it is Up, to create the worker's actors in it. What it throws ends the worker.</summary>
    public required Action<ActorSystem> OnUp { get; init; }

    /// <summary>One line for a person whenever the state changes; standard error unless said otherwise.</summary>
    public Action<string> Log { get; init; } = Console.Error.WriteLine;
}
