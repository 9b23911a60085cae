namespace ClusterBench.Api;

/// <summary>What <c>results.json</c> says of the training; the curves are in <c>log.json</c>.</summary>
public sealed record TrainingResults
{
    /// <summary>Epochs completed.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps applied.</summary>
    public required long Steps { get; init; }
    public required int StepsPerEpoch { get; init; }
    public required int VirtualRanks { get; init; }
    public required int ImagesPerRank { get; init; }

    /// <summary>Images of a step over all virtual ranks.</summary>
    public required int EffectiveBatch { get; init; }

    /// <summary>E.g. <c>SGD: learning rate 0.1, momentum 0.9</c> (<see cref="ClusterBench.Training.TrainingText"/>).</summary>
    public required string Optimizer { get; init; }

    /// <summary>E.g. <c>Step: times 0.1 at epochs 60, 80</c>.</summary>
    public required string Schedule { get; init; }

    /// <summary>In their order.</summary>
    public required IReadOnlyList<EpochOutcome> PerEpoch { get; init; }

    /// <summary>Who trained from which step on, in the order of the generations.</summary>
    public required IReadOnlyList<GangOutcome> Gangs { get; init; }
}

/// <summary>A completed epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps applied at its end.</param>
/// <param name="Seconds">From the end of the epoch before, evaluation and recoveries included.</param>
/// <param name="Metrics">Of its evaluation; empty where the interval leaves it out.</param>
public sealed record EpochOutcome(int Epoch, long Step, double Seconds, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A generation of the gang that trained.</summary>
/// <param name="FromStep">Steps applied before its first one.</param>
/// <param name="Members">Workers in the order of their ranks.</param>
/// <param name="Source">Where its state came from: <c>beginning</c>, <c>peer</c> or <c>checkpoint</c>.</param>
/// <param name="Reason">Why it was formed.</param>
public sealed record GangOutcome(int Generation, long FromStep, DateTimeOffset At, IReadOnlyList<string> Members, string Source, string Reason);
