namespace ClusterBench.Cli.Embedded;

/// <summary>The cluster that a call starts for itself on this machine.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>Folder of the journal, <c>cluster.json</c> and the children's logs; made if absent. One owner at a time.</summary>
    public required string StateDir { get; init; }

    /// <summary>Worker processes, at least 1.</summary>
    public required int Workers { get; init; }

    /// <summary>Handed to each worker as it is (<c>--device</c>).</summary>
    public required string Device { get; init; }

    /// <summary>Folder below which the workers may write (<c>--work-root</c>).</summary>
    public required string WorkRoot { get; init; }

    /// <summary>Cores of one worker (<c>--cores</c>); by default an equal share of the machine, at least 1.</summary>
    public int? CoresPerWorker { get; init; }

    /// <summary>The user's own settings file, for all children (<c>--hocon</c>).</summary>
    public string? Hocon { get; init; }

    /// <summary>The program whose verbs <c>coordinator</c> and <c>worker</c> are the children: this one.</summary>
    public string Program { get; init; } = Environment.ProcessPath ?? "clusterbench";

    /// <summary>How long the coordinator may take until its API answers.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long children have to end by themselves once their standard input is closed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Clock of the back-off.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
