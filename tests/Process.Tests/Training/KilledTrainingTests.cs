using ClusterBench.Tests.Survival;

namespace ClusterBench.Tests.Training;

public sealed class KilledTrainingWorkerTests
{
    public static IEnumerable<TheoryDataRow<Victim, TrainingMoment>> Cells => TrainingKillMatrix.Of(Victim.Worker, Victim.AllWorkers);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task A_training_outlives_its_workers_with_the_same_bits(Victim victim, TrainingMoment moment) => TrainingKillCell.RunAsync(victim, moment);
}

public sealed class KilledTrainingCoordinatorTests
{
    public static IEnumerable<TheoryDataRow<Victim, TrainingMoment>> Cells =>
        TrainingKillMatrix.Of(Victim.Coordinator, Victim.WorkerAndCoordinator, Victim.Call);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task A_training_outlives_its_coordinator_and_its_call_with_the_same_bits(Victim victim, TrainingMoment moment) => TrainingKillCell.RunAsync(victim, moment);
}
