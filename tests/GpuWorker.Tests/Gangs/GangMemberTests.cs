using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Gangs;

/// <summary>Members of gangs by their commands and reports alone, each with sockets of its own, in one process and without Akka.</summary>
[Collection(nameof(RunsAlone))]
public sealed class GangMemberTests
{
    [Fact]
    public void Two_members_train_to_the_bits_of_one_and_both_say_every_epoch_until_it_is_stored()
    {
        using var cast = new Cast();
        Player[] both = [cast.Add(), cast.Add()];
        var reports = cast.Train(1, both);

        Assert.All(reports, report => Assert.Equal(6, report.Step));
        Assert.All(both, member => Assert.Equal(Cast.Undisturbed, member.Sessions.Single().State.Digest()));
        Assert.All(both, member => Assert.Equal([1, 2], member.Epochs.Select(e => e.Epoch)));
        Assert.Equal(both[0].Epochs[1].Metrics["top1"], both[1].Epochs[1].Metrics["top1"]);
        Assert.Equal([(3L, 1), (6L, 2)], both[0].Checkpoints.Select(c => (c.Step, c.Epochs)));
        Assert.Empty(both[1].Checkpoints);
        Assert.True(File.Exists(Path.Combine(cast.WorkDir, "log.json")));
        Assert.Equal($"step_000006-g1-{both[0].Identity.Incarnation}.pth", Path.GetFileName(both[0].Checkpoints[1].File.Path));

        both[0].Member.Acknowledge(new EpochAck { Run = "run", Epoch = 1 });
        both[0].Member.Acknowledge(new CheckpointAck { Run = "run", Step = 3, Generation = 1 });
        Assert.Equal([2], both[0].Epochs.Select(e => e.Epoch));
        Assert.Equal(6, both[0].Checkpoints.Single().Step);
        Assert.Equal(2, both[1].Epochs.Count);

        both[0].Member.Abandon("run");
        Assert.Null(both[0].Member.Report);
        Assert.Null(both[0].Member.Run);
        Assert.Empty(both[0].Member.Unacknowledged);
    }

    [Fact]
    public void A_survivor_goes_on_from_memory_heals_a_newcomer_and_comes_to_the_same_bits()
    {
        using var cast = new Cast();
        var (stays, leaves, comes) = (cast.Add(), cast.Add(), cast.Add());
        var stopped = cast.TrainSome(1, stays, leaves);
        Assert.Single(stopped.Select(report => report.Step).Distinct());
        Assert.InRange(stopped[0].Step, 1, 5);
        leaves.Dispose();

        Player[] gang = [comes, stays];
        var prepared = cast.Prepare(2, gang);
        Assert.Equal((-1L, "", -1L), (prepared[0].Step, prepared[0].Digest, prepared[0].Checkpoint));
        Assert.Equal((stopped[0].Step, stays.Sessions.Single().State.Digest()), (prepared[1].Step, prepared[1].Digest));

        Cast.Start(2, gang, stopped[0].Step, source: 1, epochs: (int)stopped[0].Step / 3);
        Cast.Wait(gang, 2, GangMemberState.GangCompleted);
        Assert.All(gang, member => Assert.Equal(Cast.Undisturbed, member.Sessions.Single().State.Digest()));
    }

    [Fact]
    public void A_member_whose_peer_gives_up_breaks_says_who_and_why_and_keeps_a_whole_state()
    {
        using var cast = new Cast();
        var (stays, leaves) = (cast.Add(), cast.Add());
        Player[] both = [stays, leaves];
        cast.Prepare(1, both);
        // Only one begins: the other gives up before its first step. It answers for itself, so it is not called lost.
        Cast.Start(1, [stays]);
        leaves.Dispose();
        var broken = Cast.Wait([stays], 1, GangMemberState.GangBroken).Single();
        Assert.Equal((0, false, false), (broken.Lost.Count, broken.Fatal, broken.Torn));
        Assert.Contains(leaves.Identity.Id, broken.Reason, StringComparison.Ordinal);

        var alone = cast.Prepare(2, [stays]).Single();
        Cast.Start(2, [stays], alone.Step, alone.Step < 0 ? -1 : 0);
        Cast.Wait([stays], 2, GangMemberState.GangCompleted);
        Assert.Equal(Cast.Undisturbed, stays.Sessions[^1].State.Digest());
    }

    [Fact]
    public void A_member_that_does_not_come_is_called_lost()
    {
        using var cast = new Cast();
        var (stays, absent) = (cast.Add(), cast.Add());
        stays.Member.Prepare(Cast.Order(cast.WorkDir, 1, [stays, absent]));
        var broken = Cast.Wait([stays], 1, GangMemberState.GangBroken).Single();
        Assert.Equal((1, 1, false), (broken.Lost.Count, broken.Lost.FirstOrDefault(), broken.Fatal));
        Assert.Contains(absent.Identity.Id, broken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_of_an_older_generation_or_for_another_incarnation_are_ignored()
    {
        using var cast = new Cast();
        var member = cast.Add();
        cast.Prepare(2, [member]);
        member.Member.Prepare(Cast.Order(cast.WorkDir, 1, [member]));
        Assert.Equal(2, member.Member.Report!.Generation);
        var other = Cast.Order(cast.WorkDir, 3, [member]);
        other.Members[0].Incarnation = "somebody";
        member.Member.Prepare(other);
        Assert.Equal(2, member.Member.Report!.Generation);
        Cast.Start(1, [member]);
        member.Member.Abort(new AbortGang { Run = "run", Generation = 1, Reason = "old" });
        Assert.Equal(GangMemberState.GangPrepared, member.Member.Report!.State);

        member.Member.Abort(new AbortGang { Run = "run", Generation = 2, Reason = "told to" });
        Assert.Equal((GangMemberState.GangBroken, "told to"), (member.Member.Report!.State, member.Member.Report.Reason));
        Cast.Start(2, [member]);
        Assert.Equal(GangMemberState.GangBroken, member.Member.Report!.State);
    }

    [Fact]
    public void A_torn_state_is_no_source_and_is_replaced_whole_by_a_peers()
    {
        using var cast = new Cast();
        Player[] both = [cast.Add(), cast.Add()];
        var stopped = cast.TrainSome(1, both);
        both[0].Sessions.Single().State.BeginReplace();
        var prepared = cast.Prepare(2, both);
        Assert.Equal((-1L, true, ""), (prepared[0].Step, prepared[0].Torn, prepared[0].Digest));
        Cast.Start(2, both, stopped[1].Step, source: 1, epochs: (int)stopped[1].Step / 3);
        Cast.Wait(both, 2, GangMemberState.GangCompleted);
        Assert.All(both, member => Assert.Equal(Cast.Undisturbed, member.Sessions.Single().State.Digest()));
    }

    [Fact]
    public void When_all_are_lost_the_newest_checkpoint_that_is_whole_is_gone_on_from_and_the_damaged_one_named()
    {
        using var cast = new Cast();
        var first = cast.Add();
        cast.Train(1, first);
        CheckpointWritten[] newestFirst = [.. first.Checkpoints.Reverse()];
        first.Dispose();
        using (var file = File.OpenWrite(newestFirst[0].File.Path))
        {
            file.Position = file.Length / 2;
            file.WriteByte(0x55);
            file.WriteByte(0xAA);
        }

        Player[] both = [cast.Add(), cast.Add()];
        var prepared = cast.Prepare(2, both, newestFirst);
        Assert.All(prepared, report => Assert.Equal((-1L, 3L), (report.Step, report.Checkpoint)));
        var note = Assert.Single(prepared[0].Notes);
        Assert.Contains(newestFirst[0].File.Path, note, StringComparison.Ordinal);
        Assert.Contains("damaged", note, StringComparison.Ordinal);
        Assert.EndsWith("the one before it is taken (step 3)", note, StringComparison.Ordinal);

        Cast.Start(2, both, 3, source: 0, newestFirst[1], epochs: 1, checkpointed: 3);
        Cast.Wait(both, 2, GangMemberState.GangCompleted);
        Assert.All(both, member => Assert.Equal(Cast.Undisturbed, member.Sessions.Single().State.Digest()));
        Assert.Equal([2], both[0].Epochs.Select(e => e.Epoch));
        Assert.Equal([6L], both[0].Checkpoints.Select(c => c.Step));
    }

    [Fact]
    public void A_process_that_ends_stops_its_gang_after_a_step_and_leaves_a_checkpoint_of_it()
    {
        using var cast = new Cast();
        Player[] both = [cast.Add(), cast.Add()];
        cast.Prepare(1, both);
        Cast.Start(1, both);
        Assert.True(SpinWait.SpinUntil(() => both[0].Member.Report!.Step >= 1, TimeSpan.FromSeconds(60)));
        both[0].Member.Drain();
        var state = Cast.Wait([both[0]], 1, both[0].Member.Report!.State).Single();
        Assert.True(state.State is GangMemberState.GangStopped or GangMemberState.GangCompleted, state.ToString());
        Assert.True(both[0].Member.IsDraining);
        Cast.Wait([both[1]], 1, state.State);
        Assert.Equal(both[1].Sessions.Single().State.Step, both[0].Sessions.Single().State.Step);
        Assert.Equal(state.Step, both[0].Checkpoints[^1].Step);
        Assert.Empty(both[1].Checkpoints);

        both[0].Member.Prepare(Cast.Order(cast.WorkDir, 2, both));
        Assert.Equal(1, both[0].Member.Report!.Generation);
    }

    [Fact]
    public void A_broken_gang_that_nobody_tells_anything_saves_its_state_once()
    {
        using var cast = new Cast { BrokenLimit = TimeSpan.FromMilliseconds(300) };
        var member = cast.Add();
        cast.TrainSome(1, member);
        var step = member.Sessions.Single().State.Step;
        cast.Prepare(2, [member]);
        member.Member.Abort(new AbortGang { Run = "run", Generation = 2, Reason = "the coordinator goes away" });
        Assert.True(SpinWait.SpinUntil(() => member.Checkpoints.Any(c => c.Generation == 2), TimeSpan.FromSeconds(60)));
        Assert.Equal(step, member.Checkpoints[^1].Step);
        Assert.True(File.Exists(member.Checkpoints[^1].File.Path));
    }
}
