namespace ClusterBench.Tests.Survival;

public sealed class KilledCoordinatorTests
{
    public static IEnumerable<TheoryDataRow<Victim, Moment>> Cells => KillMatrix.Of(Victim.Coordinator, Victim.WorkerAndCoordinator);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task A_run_outlives_its_coordinator_and_no_finished_shard_is_done_again(Victim victim, Moment moment) => KillCell.RunAsync(victim, moment);
}
