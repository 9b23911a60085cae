using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>What a member of gangs needs of its process.</summary>
public sealed record GangSettings
{
    /// <summary>Stands in every report, and is what a gang's members are known by.</summary>
    public required WorkerIdentity Identity { get; init; }

    /// <summary>The process's listener for bulk data; it outlives the member.</summary>
    public required DataPlane Plane { get; init; }

    /// <summary>The cluster's token, which the runs' secrets are derived from; null: the cluster has none.</summary>
    public required Func<string?> Token { get; init; }

    /// <summary>Makes what a process holds of a run: data, kernels, and a state that is still to be filled.</summary>
    public required Func<SubmissionData, PlanMade, TrainingSession> Open { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public TcpLimits Limits { get; init; } = new();

    /// <summary>A gang that is broken for so long, and of which nobody wants anything, writes its state to the disk.</summary>
    public TimeSpan BrokenLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>By so much later for each lower rank: one that lives writes first, and its file is seen.</summary>
    public TimeSpan BrokenStagger { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a process that has to end waits for the step in flight, and then for its checkpoint to be stored.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="DrainLimit"/>
    public TimeSpan AckLimit { get; init; } = TimeSpan.FromSeconds(5);
}
