using ClusterBench.Coordinator.Runs;
using ClusterBench.Coordinator.Runs.Gangs;
using ClusterBench.Protocol;

namespace ClusterBench.Tests.Runs.Gangs;

/// <summary>The life of gangs, fed by hand: no actor and no clock but the test's.</summary>
public sealed class GangTests
{
    private readonly List<LentWorker> workers = [];
    private readonly List<CheckpointWritten> checkpoints = [];
    private DateTimeOffset now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void The_first_gang_waits_for_the_workers_that_the_call_has_started()
    {
        var gang = new Gang(virtualRanks: 4, expectedWorkers: 2);
        Lend("a");
        Assert.Null(Next(gang, seconds: 5));
        Lend("b");
        Assert.Equal(["a", "b"], Formed(gang).Members.Select(m => m.Worker));
    }

    [Fact]
    public void Workers_that_do_not_come_are_not_waited_for_for_ever()
    {
        var gang = new Gang(4, expectedWorkers: 3);
        Lend("a");
        Assert.Null(Next(gang));
        Assert.Null(Next(gang, seconds: 9));
        Assert.Equal(["a"], Assert.IsType<GangDecision.Form>(Next(gang, seconds: 1.1)).Members.Select(m => m.Worker));
    }

    [Fact]
    public void No_more_workers_than_virtual_ranks_are_members()
    {
        var gang = new Gang(2, expectedWorkers: 0);
        Lend("a", "b", "c");
        Assert.Equal(2, Formed(gang).Members.Count);
    }

    [Fact]
    public void It_begins_only_when_every_member_is_prepared()
    {
        var gang = Preparing("a", "b");
        Report(gang, "a", GangMemberState.GangPrepared, step: -1);
        Assert.Null(Next(gang));
        Report(gang, "b", GangMemberState.GangPrepared, step: -1);
        Assert.Equal(-1, Assert.IsType<GangDecision.Begin>(Next(gang)).Source);
    }

    [Fact]
    public void A_member_that_says_nothing_while_it_should_get_ready_is_left_out()
    {
        var gang = Preparing("a", "b");
        Report(gang, "a", GangMemberState.GangPrepared, step: -1);
        now += TimeSpan.FromSeconds(8);
        Report(gang, "a", GangMemberState.GangPrepared, step: -1);
        Assert.Null(Next(gang, seconds: 3));
        Report(gang, "a", GangMemberState.GangBroken, step: -1);
        var form = Assert.IsType<GangDecision.Form>(Next(gang, seconds: 3));
        Assert.Equal(["a"], form.Members.Select(m => m.Worker));
        Assert.Equal(["b"], gang.TakeDropped().Select(d => d.Worker));
        Assert.Empty(gang.TakeDropped());
    }

    [Fact]
    public void A_slow_member_that_says_so_is_waited_for()
    {
        var gang = Preparing("a", "b");
        for (var i = 0; i < 30; i++)
        {
            now += TimeSpan.FromSeconds(5);
            Report(gang, "a", GangMemberState.GangPrepared, step: -1);
            Report(gang, "b", GangMemberState.GangPreparing, step: -1);
            Assert.Null(Next(gang));
        }

        Assert.Equal(GangPhase.Preparing, gang.Phase);
    }

    [Fact]
    public void That_the_cluster_has_removed_a_member_breaks_no_gang_whose_peers_hear_it()
    {
        var gang = Running("a", "b");
        gang.Gone("a", "i", replaced: false);
        workers.RemoveAll(w => w.Worker == "a");
        for (var i = 0; i < 10; i++)
        {
            Report(gang, "b", GangMemberState.GangTraining, step: i);
            Assert.Null(Next(gang, seconds: 10));
        }

        Assert.Equal(GangPhase.Running, gang.Phase);
    }

    [Fact]
    public void Survivors_form_the_next_gang_as_soon_as_all_who_are_heard_have_answered()
    {
        var gang = Running("a", "b", "c");
        Report(gang, "a", GangMemberState.GangBroken, step: 7, lost: [1]);
        Assert.Null(Next(gang));
        Assert.Equal(GangPhase.Collecting, gang.Phase);
        Report(gang, "c", GangMemberState.GangBroken, step: 8, lost: [1]);

        var form = Assert.IsType<GangDecision.Form>(Next(gang));

        Assert.Equal(["a", "c"], form.Members.Select(m => m.Worker));
        Assert.Equal(["b"], form.Lost.Select(l => l.Worker));
    }

    [Fact]
    public void Who_does_not_answer_in_three_seconds_is_left_out()
    {
        var gang = Running("a", "b", "c");
        Report(gang, "a", GangMemberState.GangBroken, step: 7, lost: [1]);
        Next(gang);
        Assert.Null(Next(gang, seconds: 2.9));
        Assert.Equal(["a"], Assert.IsType<GangDecision.Form>(Next(gang, seconds: 0.2)).Members.Select(m => m.Worker));
    }

    [Fact]
    public void A_replaced_member_breaks_the_gang_at_once_and_the_process_in_its_place_joins_the_next()
    {
        var gang = Running("a");
        gang.Gone("a", "i", replaced: true);
        workers.Clear();
        LendAnew("a", incarnation: "j");
        Assert.Null(Next(gang));
        var form = Assert.IsType<GangDecision.Form>(Next(gang, seconds: 1));
        Assert.Equal("j", Assert.Single(form.Members).Incarnation);
        Assert.Equal("a was lost", form.Reason);
    }

    [Fact]
    public void A_lone_member_that_left_the_cluster_is_given_up_after_15_seconds_of_silence_and_not_before()
    {
        var gang = Running("a");
        gang.Gone("a", "i", replaced: false);
        workers.Clear();
        Assert.Null(Next(gang, seconds: 14));
        Assert.Equal(GangPhase.Running, gang.Phase);
        Next(gang, seconds: 2);
        Next(gang, seconds: 4);
        Assert.Equal(GangPhase.None, gang.Phase);
    }

    [Fact]
    public void A_process_in_the_place_of_a_member_shows_that_the_member_is_dead()
    {
        var gang = Running("a", "b");
        gang.Gone("a", "i", replaced: false);
        workers.RemoveAll(w => w.Worker == "a");
        Report(gang, "b", GangMemberState.GangCompleted, step: 20);
        Assert.Null(Next(gang));
        LendAnew("a", incarnation: "j");

        var form = Assert.IsType<GangDecision.Form>(Next(gang));

        Assert.Equal(["i", "j"], form.Members.Select(m => m.Incarnation));
        Assert.Equal(["a"], form.Lost.Select(l => l.Worker));
    }

    [Fact]
    public void Where_one_has_finished_and_the_other_is_gone_the_rest_is_done_by_a_new_gang()
    {
        var gang = Running("a", "b");
        gang.Gone("a", "i", replaced: false);
        workers.RemoveAll(w => w.Worker == "a");
        now += TimeSpan.FromSeconds(16);
        Report(gang, "b", GangMemberState.GangCompleted, step: 20);
        Assert.Null(Next(gang));
        Assert.Equal(["b"], Assert.IsType<GangDecision.Form>(Next(gang, seconds: 3.1)).Members.Select(m => m.Worker));
    }

    [Fact]
    public void An_adopted_gang_goes_on_without_a_word_to_its_members()
    {
        var formed = FormedEvent(3, "a", "b");
        var gang = new Gang(4, 2);
        gang.Adopt(formed, now);
        Lend("a", "b");
        Report(gang, "a", GangMemberState.GangTraining, step: 90, generation: 3);
        for (var i = 0; i < 11; i++)
        {
            Assert.Null(Next(gang, seconds: 5));
        }

        Assert.Equal((GangPhase.Running, 3), (gang.Phase, gang.Generation));
        Report(gang, "b", GangMemberState.GangTraining, step: 91, generation: 3);
        Assert.Equal(91, gang.Newest!.Step);
    }

    [Fact]
    public void An_adopted_gang_of_which_nobody_is_heard_is_given_up_after_a_minute()
    {
        var gang = new Gang(4, 2);
        gang.Adopt(FormedEvent(3, "a"), now);
        Assert.Null(Next(gang, seconds: 59));
        Assert.Equal(GangPhase.Running, gang.Phase);
        Next(gang, seconds: 2);
        Next(gang, seconds: 4);
        Assert.Equal(GangPhase.None, gang.Phase);
    }

    [Fact]
    public void A_worker_that_comes_grows_the_gang_after_all_have_stopped_at_the_same_step()
    {
        var gang = Running("b");
        Lend("a");
        Assert.Null(Next(gang));
        Assert.Equal(GangPhase.Stopping, gang.Phase);
        Report(gang, "b", GangMemberState.GangStopped, step: 12);
        // Who was there keeps its rank.
        Assert.Equal(["b", "a"], Assert.IsType<GangDecision.Form>(Next(gang)).Members.Select(m => m.Worker));
    }

    [Fact]
    public void A_member_that_ends_stops_all_and_the_others_go_on_without_it()
    {
        var gang = Running("a", "b");
        Report(gang, "a", GangMemberState.GangStopped, step: 12, draining: true);
        Assert.Null(Next(gang));
        Report(gang, "b", GangMemberState.GangStopped, step: 12);
        var form = Assert.IsType<GangDecision.Form>(Next(gang));
        Assert.Equal(["b"], form.Members.Select(m => m.Worker));
        Assert.Empty(form.Lost);
        Assert.Equal("a ends", form.Reason);
    }

    [Fact]
    public void A_full_gang_does_not_stop_for_a_spare()
    {
        var gang = Running("a", "b", "c", "d");
        Lend("e");
        Assert.Null(Next(gang));
        Assert.Equal(GangPhase.Running, gang.Phase);
    }

    [Fact]
    public void A_word_of_an_older_generation_changes_nothing()
    {
        var gang = Running("a", "b");
        Report(gang, "a", GangMemberState.GangBroken, step: 3, generation: 0);
        Assert.Null(Next(gang));
        Assert.Equal(GangPhase.Running, gang.Phase);
    }

    [Fact]
    public void The_newest_state_in_memory_is_the_source_and_of_its_holders_the_lowest_rank()
    {
        var gang = Preparing("a", "b", "c");
        Report(gang, "a", GangMemberState.GangPrepared, step: 8, digest: "x");
        Report(gang, "b", GangMemberState.GangPrepared, step: 9, digest: "y");
        Report(gang, "c", GangMemberState.GangPrepared, step: 9, digest: "y");
        var begin = Assert.IsType<GangDecision.Begin>(Next(gang));
        Assert.Equal((9, 1, null), (begin.Step, begin.Source, begin.Checkpoint));
    }

    [Fact]
    public void A_torn_state_is_no_source()
    {
        var gang = Preparing("a", "b");
        Report(gang, "a", GangMemberState.GangPrepared, step: 9, digest: "x", torn: true);
        Report(gang, "b", GangMemberState.GangPrepared, step: 8, digest: "y");
        Assert.Equal((8, 1), Assert.IsType<GangDecision.Begin>(Next(gang)) is var b ? (b.Step, b.Source) : default);
    }

    [Fact]
    public void Two_states_of_one_step_with_other_bits_fail_the_run()
    {
        var gang = Preparing("a", "b");
        Report(gang, "a", GangMemberState.GangPrepared, step: 9, digest: "x");
        Report(gang, "b", GangMemberState.GangPrepared, step: 9, digest: "y");
        Assert.Contains("different bits after step 9", Assert.IsType<GangDecision.Fail>(Next(gang)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_state_in_memory_the_newest_checkpoint_that_is_whole_is_read_by_one_member()
    {
        checkpoints.AddRange([new CheckpointWritten { Step = 20, Generation = 1 }, new CheckpointWritten { Step = 40, Generation = 1 }]);
        var gang = Preparing("a", "b");
        Report(gang, "a", GangMemberState.GangPrepared, step: -1, checkpoint: 20, note: "step 40 is damaged");
        Report(gang, "b", GangMemberState.GangPrepared, step: -1, checkpoint: 20, note: "step 40 is damaged");
        var begin = Assert.IsType<GangDecision.Begin>(Next(gang));
        Assert.Equal((20, 0, 20), (begin.Step, begin.Source, begin.Checkpoint!.Step));
        Assert.Equal(["step 40 is damaged"], begin.Notes);
    }

    [Fact]
    public void An_error_that_any_worker_would_meet_fails_the_run()
    {
        var gang = Running("a", "b");
        Report(gang, "b", GangMemberState.GangBroken, step: 4, fatal: true, reason: "the loss is no number");
        Assert.Equal("the loss is no number", Assert.IsType<GangDecision.Fail>(Next(gang)).Error);
    }

    private GangDecision? Next(Gang gang, double seconds = 0)
    {
        now += TimeSpan.FromSeconds(seconds);
        return gang.Next(workers, checkpoints, now);
    }

    private void Lend(params string[] names) => workers.AddRange(names.Select(n => Worker(n, "i")));

    private void LendAnew(string name, string incarnation) => workers.Add(Worker(name, incarnation));

    private LentWorker Worker(string name, string incarnation) => new(name, incarnation, "/user/" + name, null, now, "127.0.0.1", 1);

    private GangDecision.Form Formed(Gang gang)
    {
        Next(gang);
        return Assert.IsType<GangDecision.Form>(Next(gang, seconds: 1));
    }

    private Gang Preparing(params string[] names)
    {
        Lend(names);
        var gang = new Gang(4, names.Length);
        gang.Formed(FormedEvent(1, names), now);
        return gang;
    }

    private Gang Running(params string[] names)
    {
        var gang = Preparing(names);
        foreach (var name in names)
        {
            Report(gang, name, GangMemberState.GangPrepared, step: 0, digest: "0");
        }

        Assert.IsType<GangDecision.Begin>(Next(gang));
        gang.Begun(now);
        foreach (var name in names)
        {
            Report(gang, name, GangMemberState.GangTraining, step: 0);
        }

        return gang;
    }

    private static GangFormed FormedEvent(int generation, params string[] names) => new()
    {
        Generation = generation, Members = { names.Select(n => new GangMemberData { Worker = n, Incarnation = "i" }) },
    };

    private void Report(
        Gang gang, string worker, GangMemberState state, long step, int generation = 1, string digest = "", bool torn = false, int[]? lost = null,
        long checkpoint = -1, string? note = null, bool fatal = false, string reason = "", bool draining = false)
    {
        var report = new GangReport
        {
            Worker = worker, Incarnation = "i", Generation = generation, State = state, Step = step, Digest = digest, Torn = torn, Checkpoint = checkpoint, Fatal = fatal, Reason = reason, Draining = draining,
        };
        report.Lost.AddRange(lost ?? []);
        if (note is not null)
        {
            report.Notes.Add(note);
        }

        gang.Hear(report, now);
    }
}
