namespace ClusterBench.Tests.Survival;

/// <summary>
/// The cells of the kill matrix. In ./check runs a set that has every victim and every moment; the others are in the soak.
/// </summary>
public static class KillMatrix
{
    private static readonly HashSet<(Victim, Moment)> Covering =
    [
        (Victim.Worker, Moment.MiddleOfAShard),
        (Victim.Worker, Moment.BetweenWriteAndRename),
        (Victim.AllWorkers, Moment.BeforeTheFirstResultIsStored),
        (Victim.AllWorkers, Moment.AfterTheLastResult),
        (Victim.Coordinator, Moment.BeforeTheFirstResultIsStored),
        (Victim.Coordinator, Moment.AfterTheLastResult),
        (Victim.WorkerAndCoordinator, Moment.BetweenWriteAndRename),
        (Victim.Call, Moment.MiddleOfAShard),
        (Victim.Call, Moment.AfterTheLastResult),
    ];

    /// <summary>All moments of some victims.</summary>
    public static IEnumerable<TheoryDataRow<Victim, Moment>> Of(params Victim[] victims) =>
        from victim in victims
        from moment in Enum.GetValues<Moment>()
        select Covering.Contains((victim, moment))
            ? new TheoryDataRow<Victim, Moment>(victim, moment)
            : new TheoryDataRow<Victim, Moment>(victim, moment).WithTrait("Category", "Soak");
}
