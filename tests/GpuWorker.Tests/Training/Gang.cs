using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Training;

namespace ClusterBench.Tests.Training;

/// <summary>Gangs within the test program.</summary>
internal static class Gang
{
    /// <summary>A gang of one, which hosts all virtual ranks.</summary>
    public static ICollective One(TrainingSession session) => new LocalCollective(Group(session, [new CollectiveMember("here", "one", "127.0.0.1", 0)], 0));

    /// <summary>Trains alone to the end, or until the observer asks to stop.</summary>
    public static (TrainingEnd End, Recorder Seen) Train(TrainingSession session, long stopAfter = long.MaxValue, int? completedEpochs = null)
    {
        using var collective = One(session);
        var seen = new Recorder();
        var trainer = new Trainer(session, collective, seen, TimeProvider.System);
        seen.Applied += report =>
        {
            if (report.Step + 1 >= stopAfter)
                trainer.RequestStop();
        };
        return (trainer.Run(completedEpochs ?? session.Plan.EpochOf(session.State.Step), TestContext.Current.CancellationToken), seen);
    }

    internal static CollectiveGroup Group(TrainingSession session, IReadOnlyList<CollectiveMember> members, int rank) => new()
    {
        Run = "test", Generation = 1, PlanHash = new string('0', 64), VirtualRanks = session.Plan.Training.VirtualRanks, Members = members, Rank = rank,
    };
}

/// <summary>What a trainer told its observer.</summary>
internal sealed class Recorder : ITrainingObserver
{
    public event Action<StepReport>? Applied;

    public List<StepReport> Steps { get; } = [];

    public List<StepReport> Lines { get; } = [];

    public List<(int Epochs, EvaluationResult? Evaluation)> Epochs { get; } = [];

    public void StepApplied(StepReport report)
    {
        Steps.Add(report);
        Applied?.Invoke(report);
    }

    public void StepLogged(StepReport report) => Lines.Add(report);

    public void EpochEnded(int epochs, EvaluationResult? evaluation) => Epochs.Add((epochs, evaluation));
}
