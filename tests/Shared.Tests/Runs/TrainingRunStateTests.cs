using ClusterBench.Protocol;
using ClusterBench.Runs;
using CsCheck;
using Google.Protobuf;

namespace ClusterBench.Tests.Runs;

public sealed class TrainingRunStateTests
{
    private const int Epochs = 3, StepsPerEpoch = 10;

    [Fact]
    public void A_training_is_done_when_every_epoch_and_the_last_state_are_stored()
    {
        var state = Running();
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            Assert.False(state.AllDone);
            state = state.Apply(Epoch(epoch));
        }

        Assert.False(state.AllDone);
        state = state.Apply(Checkpoint(Epochs * StepsPerEpoch));
        Assert.True(state.AllDone);
        Assert.Equal(RunPhase.Completed, state.Apply(new RunCompleted { At = 9 }).Phase);
    }

    [Fact]
    public void An_epoch_that_is_said_again_or_too_early_is_no_news()
    {
        var state = Running().Apply(Epoch(1));
        Assert.False(state.IsNews(Epoch(1)));
        Assert.False(state.IsNews(Epoch(3)));
        Assert.True(state.IsNews(Epoch(2)));
        Assert.Throws<InvalidOperationException>(() => state.Apply(Epoch(1)));
    }

    [Fact]
    public void A_generation_is_never_used_again()
    {
        var state = Running();
        Assert.Throws<InvalidOperationException>(() => state.Apply(Gang(1)));
        Assert.Equal(2, state.Apply(Gang(2)).Gang!.Generation);
    }

    [Fact]
    public void The_two_newest_checkpoints_are_known_and_a_late_word_of_an_older_one_is_no_news()
    {
        var state = Running().Apply(Checkpoint(5)).Apply(Checkpoint(10)).Apply(Checkpoint(15));
        Assert.Equal([10L, 15L], state.Checkpoints.Select(c => c.Step));
        Assert.False(state.IsNews(Checkpoint(12)));
        Assert.False(state.IsNews(Checkpoint(15)));
    }

    [Fact]
    public void A_later_generation_at_an_earlier_step_means_that_the_later_files_were_not_whole()
    {
        var state = Running().Apply(Checkpoint(5)).Apply(Checkpoint(10)).Apply(Gang(2)).Apply(Start(2, 5));
        var anew = Checkpoint(8, generation: 2);
        Assert.True(state.IsNews(anew));
        Assert.Equal([5L, 8L], state.Apply(anew).Checkpoints.Select(c => c.Step));
    }

    [Fact]
    public void Gangs_that_apply_no_step_are_counted_in_a_row()
    {
        var state = Running().Apply(Start(1, 0)).Apply(Gang(2)).Apply(Start(2, 0)).Apply(Gang(3));
        Assert.Equal(3, state.FruitlessGangs);
        Assert.Equal(1, state.Apply(Start(3, 4)).FruitlessGangs);
        Assert.Equal(0, state.Apply(Checkpoint(6, 3)).FruitlessGangs);
    }

    [Fact]
    public void Only_a_gang_that_lost_somebody_is_a_recovery()
    {
        var state = Running().Apply(Gang(2));
        Assert.Equal(0, state.Recoveries);
        Assert.Equal(1, state.Apply(Gang(3, lost: "w1")).Recoveries);
    }

    [Fact]
    public void A_snapshot_at_any_point_of_any_training_gives_the_same_state_as_its_events() =>
        Gen.Int[0, 6].List[0, 60].Sample(
            choices =>
            {
                var state = Running();
                var throughSnapshots = state;
                foreach (var choice in choices)
                {
                    if (Next(state, choice) is not { } e)
                    {
                        continue;
                    }

                    state = state.Apply(e);
                    throughSnapshots = RunState.FromSnapshot(RunSnapshot.Parser.ParseFrom(throughSnapshots.ToSnapshot().ToByteArray())).Apply(e);
                    Assert.Equal(state.ToSnapshot(), throughSnapshots.ToSnapshot());
                    Assert.Equal((state.AllDone, state.Steps), (throughSnapshots.AllDone, throughSnapshots.Steps));
                }
            },
            iter: 100, seed: "0000000000001");

    private static IMessage? Next(RunState state, int choice) => choice switch
    {
        0 when state.Phase == RunPhase.Running => Gang(state.Gang!.Generation + 1, state.Recoveries % 2 == 0 ? "w" : null),
        1 when state.Phase == RunPhase.Running && state.Starts.LastOrDefault()?.Generation != state.Gang!.Generation => Start(state.Gang.Generation, state.Epochs.Count * StepsPerEpoch),
        2 or 3 when state.Phase == RunPhase.Running && state.Epochs.Count < Epochs => Epoch(state.Epochs.Count + 1),
        4 when state.Phase == RunPhase.Running && state.IsNews(Checkpoint(state.Epochs.Count * StepsPerEpoch, state.Gang!.Generation)) => Checkpoint(state.Epochs.Count * StepsPerEpoch, state.Gang.Generation),
        5 when state.IsOpen => new RunInterrupted(),
        6 when state.Phase == RunPhase.Interrupted => new RunResumed(),
        _ => null,
    };

    private static RunState Running() => RunState.Empty.Apply(RunStateTests.Accepted()).Apply(new PlanMade
    {
        At = 2, Batch = 16, Threads = 1, ProbeDigest = "abc",
        Training = new TrainingPlanData { VirtualRanks = 4, ImagesPerRank = 16, Epochs = Epochs, StepsPerEpoch = StepsPerEpoch },
    }).Apply(Gang(1));

    private static GangFormed Gang(int generation, string? lost = null)
    {
        var gang = new GangFormed { Generation = generation, Members = { new GangMemberData { Worker = "w", Incarnation = "i" } } };
        if (lost is not null)
        {
            gang.Lost.Add(lost);
        }

        return gang;
    }

    private static GangStarted Start(int generation, long step) => new() { Generation = generation, Step = step, Source = "peer" };

    private static EpochCompleted Epoch(int epoch) => new() { Epoch = epoch, Step = epoch * StepsPerEpoch, Metrics = { ["top1"] = 80 + epoch } };

    private static CheckpointWritten Checkpoint(long step, int generation = 1) =>
        new() { Step = step, Generation = generation, File = new ShardFile { Path = $"/w/step_{step}.pth", Sha256 = "a" } };
}
