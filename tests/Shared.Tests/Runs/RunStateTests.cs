using ClusterBench.Protocol;
using ClusterBench.Runs;
using CsCheck;
using Google.Protobuf;

namespace ClusterBench.Tests.Runs;

public sealed class RunStateTests
{
    [Fact]
    public void A_run_goes_from_acceptance_over_its_plan_and_shards_to_completion()
    {
        var state = RunState.Empty.Apply(Accepted());
        Assert.Equal([ShardPlanner.Prepare], state.Ready());

        state = state.Apply(Plan());
        Assert.Equal(RunPhase.Running, state.Phase);
        Assert.All(state.Ready(), s => Assert.Equal("extract", s.Kind));

        foreach (var shard in state.Shards)
        {
            Assert.Contains(shard, state.Ready());
            state = state.Apply(new ShardCompleted { Shard = shard.Id });
        }

        Assert.True(state.AllDone);
        state = state.Apply(new RunCompleted { At = 5, Metrics = { ["top1@k=10"] = 82.5 } });
        Assert.Equal(RunPhase.Completed, state.Phase);
        Assert.Equal(82.5, state.Metrics["top1@k=10"]);
    }

    [Fact]
    public void Neighbours_are_searched_only_when_every_feature_is_there()
    {
        var state = RunState.Empty.Apply(Accepted()).Apply(Plan());
        var last = state.Shards.Last(s => s.Kind == "extract");
        foreach (var shard in state.Shards.Where(s => s.Kind == "extract" && s != last))
        {
            state = state.Apply(new ShardCompleted { Shard = shard.Id });
        }

        Assert.Equal([last], state.Ready());
        Assert.All(state.Apply(new ShardCompleted { Shard = last.Id }).Ready(), s => Assert.Equal("topk", s.Kind));
    }

    [Fact]
    public void A_shard_that_is_counted_twice_is_a_bug_and_throws()
    {
        var state = RunState.Empty.Apply(Accepted()).Apply(Plan()).Apply(new ShardCompleted { Shard = "extract/train/0000" });

        var error = Assert.Throws<InvalidOperationException>(() => state.Apply(new ShardCompleted { Shard = "extract/train/0000" }));
        Assert.Contains("extract/train/0000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_cannot_complete_before_its_last_shard() =>
        Assert.Throws<InvalidOperationException>(() => RunState.Empty.Apply(Accepted()).Apply(Plan()).Apply(new RunCompleted()));

    [Theory]
    [InlineData("interrupted")]
    [InlineData("failed")]
    [InlineData("canceled")]
    public void A_resumed_run_keeps_what_was_finished(string how)
    {
        IMessage end = how switch { "interrupted" => new RunInterrupted(), "failed" => new RunFailed { Error = "disk full" }, _ => new RunCanceled() };
        var state = RunState.Empty.Apply(Accepted()).Apply(Plan()).Apply(new ShardCompleted { Shard = "extract/train/0000" }).Apply(end);
        Assert.Empty(state.Ready());

        state = state.Apply(new RunResumed());

        Assert.Equal(RunPhase.Running, state.Phase);
        Assert.Equal("", state.Error);
        Assert.DoesNotContain(state.Ready(), s => s.Id == "extract/train/0000");
    }

    [Fact]
    public void Failures_of_a_shard_are_counted_in_a_row_and_every_loss_is_a_recovery()
    {
        var state = RunState.Empty.Apply(Accepted()).Apply(Plan());
        state = state.Apply(new ShardFailed { Shard = "extract/val/0000" }).Apply(new ShardFailed { Shard = "extract/val/0000" });
        Assert.Equal(2, state.Failures["extract/val/0000"]);

        state = state.Apply(new ShardCompleted { Shard = "extract/val/0000" });

        Assert.Empty(state.Failures);
        Assert.Equal(2, state.Recoveries);
    }

    [Fact]
    public void A_snapshot_at_any_point_of_any_history_gives_the_same_state_as_its_events()
    {
        var history = Gen.Int[0, 5].List[0, 60];
        history.Sample(
            choices =>
            {
                var state = RunState.Empty.Apply(Accepted());
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
                    Assert.Equal(state.Ready(), throughSnapshots.Ready());
                }
            },
            iter: 100, seed: "0000000000001");
    }

    private static IMessage? Next(RunState state, int choice) => choice switch
    {
        0 or 1 when state.Phase == RunPhase.Preparing => Plan(),
        0 or 1 or 2 when state.Phase == RunPhase.Running && state.Ready().FirstOrDefault() is { } shard => new ShardCompleted { Shard = shard.Id },
        2 when state.AllDone => new RunCompleted(),
        3 when state.Phase == RunPhase.Running && state.Ready().LastOrDefault() is { } shard => new ShardFailed { Shard = shard.Id },
        4 when state.IsOpen => new RunInterrupted(),
        5 when state.Phase == RunPhase.Interrupted => new RunResumed(),
        _ => null,
    };

    internal static RunAccepted Accepted() => new()
    {
        At = 1,
        Submission = new SubmissionData { Run = "knn-1", Benchmark = "knn", Images = { ["train"] = 2000, ["val"] = 1000 } },
    };

    internal static PlanMade Plan() => new()
    {
        At = 2, Batch = 64, Threads = 1, ProbeDigest = "abc",
        Splits =
        {
            new SplitPlan { Split = "train", Images = 2000, ShardImages = ShardPlanner.ImagesPerShard(2000, 64) },
            new SplitPlan { Split = "val", Images = 1000, ShardImages = ShardPlanner.ImagesPerShard(1000, 64) },
        },
        Knn = new KnnPlan { QueryTile = 256, BankTile = 512, BankShard = ShardPlanner.BankRowsPerShard(2000, 512) },
    };
}
