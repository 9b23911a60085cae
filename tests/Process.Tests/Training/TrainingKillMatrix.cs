using ClusterBench.Tests.Survival;

namespace ClusterBench.Tests.Training;

/// <summary>The cells of the kill matrix of a training. In ./check runs a set that has every victim and every moment; the others are in the soak.</summary>
public static class TrainingKillMatrix
{
    private static readonly HashSet<(Victim, TrainingMoment)> Covering =
    [
        (Victim.Worker, TrainingMoment.MiddleOfAStep),
        (Victim.Worker, TrainingMoment.BetweenWriteAndRename),
        (Victim.AllWorkers, TrainingMoment.MiddleOfTheReduction),
        (Victim.AllWorkers, TrainingMoment.CheckpointBeingWritten),
        (Victim.Coordinator, TrainingMoment.MiddleOfAStep),
        (Victim.Coordinator, TrainingMoment.AfterTheLastEpoch),
        (Victim.WorkerAndCoordinator, TrainingMoment.MiddleOfTheReduction),
        (Victim.Call, TrainingMoment.BetweenWriteAndRename),
    ];

    /// <summary>All moments of some victims.</summary>
    public static IEnumerable<TheoryDataRow<Victim, TrainingMoment>> Of(params Victim[] victims) =>
        from victim in victims
        from moment in Enum.GetValues<TrainingMoment>()
        select Covering.Contains((victim, moment))
            ? new TheoryDataRow<Victim, TrainingMoment>(victim, moment)
            : new TheoryDataRow<Victim, TrainingMoment>(victim, moment).WithTrait("Category", "Soak");
}
