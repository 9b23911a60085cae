namespace ClusterBench.Tests.Survival;

public sealed class KilledCallTests
{
    public static IEnumerable<TheoryDataRow<Victim, Moment>> Cells => KillMatrix.Of(Victim.Call);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task A_killed_call_leaves_no_process_and_resume_goes_on_where_it_was(Victim victim, Moment moment) => KillCell.RunAsync(victim, moment);
}
