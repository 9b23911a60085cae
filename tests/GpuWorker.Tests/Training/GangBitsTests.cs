using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Collectives;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Training;

/// <summary>However the 4 virtual ranks are spread over members, each with a state of its own, training comes to the same bits.</summary>
[Collection(nameof(RunsAlone))]
public sealed class GangBitsTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void One_to_four_members_train_to_the_same_weights_statistics_and_momentum(bool frozen)
    {
        var expected = Alone(frozen);
        for (var workers = 1; workers <= 4; workers++)
        {
            var members = Train(workers, frozen);
            Assert.Equal(workers, members.Length);
            Assert.Equal(4, members.Sum(member => member.Hosted));
            Assert.All(members, member => Assert.Equal((expected.Digest, expected.Losses, expected.Top1), (member.Digest, member.Losses, member.Top1)));
            // Every member sent sums and received means, of at least the gradient's size in all.
            Assert.All(members, member => Assert.InRange(member.Bytes, workers == 1 ? 0 : FewSteps.Steps * sizeof(float) * 1296, workers == 1 ? 0 : long.MaxValue));
        }
    }

    [Fact]
    public void A_gang_that_goes_on_with_fewer_members_comes_to_the_same_bits()
    {
        var expected = Alone(frozen: false);
        using var folder = new Tasks.TempFolder();
        using var gang = new LoopbackGang(4, 3);
        var paths = gang.Run(collective =>
        {
            using var session = FewSteps.Finetune(cores: 1);
            var seen = new Recorder();
            var trainer = new Trainer(session, collective, seen, TimeProvider.System);
            // One member alone is asked to stop; all of them do, after the same step.
            seen.Applied += report =>
            {
                if (collective.Group.Rank == 2 && report.Step == 3)
                    trainer.RequestStop();
            };
            Assert.Equal(TrainingEnd.Stopped, trainer.Run(0, TestContext.Current.CancellationToken));
            Assert.Equal(4, session.State.Step);
            return TrainingCheckpoint.Write(folder.File($"{collective.Group.Rank}.pth"), session.State, session.Plan, "hash");
        });
        Assert.Single(paths.Select(path => path.Sha256).Distinct());
        using var rest = FewSteps.Finetune();
        TrainingCheckpoint.Read(paths[1].Path, rest.State, rest.Plan, "hash", paths[0].Sha256);
        Gang.Train(rest);
        Assert.Equal(expected.Digest, rest.State.Digest());
    }

    private sealed record Member(int Hosted, string Digest, string Losses, int Top1, long Bytes);

    private static Member Alone(bool frozen)
    {
        using var session = Session(frozen, cores: 2);
        var (_, seen) = Gang.Train(session);
        return Seen(session, seen, 4, 0);
    }

    private static Member[] Train(int workers, bool frozen)
    {
        using var gang = new LoopbackGang(4, workers);
        return gang.Run(collective =>
        {
            using var session = Session(frozen, cores: 1);
            var seen = new Recorder();
            Assert.Equal(TrainingEnd.Completed, new Trainer(session, collective, seen, TimeProvider.System).Run(0, TestContext.Current.CancellationToken));
            return Seen(session, seen, collective.Group.Hosted.Count, Math.Min(collective.BytesSent, collective.BytesReceived));
        });
    }

    private static Member Seen(TrainingSession session, Recorder seen, int hosted, long bytes) => new(
        hosted, session.State.Digest(), string.Join(' ', seen.Steps.Select(step => BitConverter.DoubleToInt64Bits(step.Loss))), seen.Epochs[^1].Evaluation!.Top1Images, bytes);

    private static TrainingSession Session(bool frozen, int cores) => frozen ? FewSteps.Linear(cores) : FewSteps.Finetune(cores);
}
