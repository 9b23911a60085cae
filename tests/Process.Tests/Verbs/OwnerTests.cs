using System.Globalization;
using ClusterBench.Faults;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Verbs;

/// <summary>One call, one cluster, one owner: what others may do beside it, and how it is interrupted.</summary>
public sealed class OwnerTests
{
    [Fact]
    public async Task Beside_a_running_call_status_logs_and_cancel_work_and_a_second_run_is_refused_with_the_owners_pid()
    {
        await using var folder = new TestFolder();
        var fault = new ScriptedFault(folder, FaultPoints.ShardMiddle, 1, "sleep=60");
        await using var owner = folder.Start(folder.Knn(Installation.Simclr, 1, SmallData.In(folder)), fault.Environment);
        await fault.FiredAsync(owner);
        string[] there = ["--state-dir", folder.StateDir];

        (await folder.RunAsync(folder.Knn(Installation.RandomInit, 1, "--work-dir", folder.At("other"))))
            .Ended(2).Complained($"pid {owner.Pid.ToString(CultureInfo.InvariantCulture)}", folder.StateDir, "--state-dir");
        Assert.False(Directory.Exists(folder.At("other")));
        var view = (await folder.RunAsync(["status", "last", .. there, "--json"])).Ended(0).View();
        Assert.Equal("running", view.Status);
        Assert.InRange(view.Progress, 0, 0.99);
        Assert.Single(view.Workers);
        Assert.Contains("PlanMade", (await folder.RunAsync(["logs", view.Run, .. there])).Ended(0).Output, StringComparison.Ordinal);
        Assert.Contains("busy", (await folder.RunAsync(["workers", .. there])).Ended(0).Output, StringComparison.Ordinal);
        (await folder.RunAsync(["cancel", view.Run, .. there])).Ended(0);

        var result = (await owner.EndAsync()).Ended(1);
        Assert.Contains("canceled", result.Error, StringComparison.Ordinal);
        Assert.Equal("canceled", result.Outcome().Status);
        await folder.NothingSurvivesAsync();
        Assert.Equal("canceled", (await folder.RunAsync(["status", view.Run, .. there, "--json"])).Ended(0).View().Status);
        (await folder.RunAsync(["workers", .. there])).Ended(3).Complained(folder.StateDir);
    }

    [Theory]
    [InlineData(ProcessTable.SigInt, true)]
    [InlineData(ProcessTable.SigTerm, false)]
    public async Task An_interrupted_call_ends_with_130_leaves_no_process_and_resume_completes_the_run(int signal, bool wholeGroup)
    {
        await using var folder = new TestFolder();
        var fault = new ScriptedFault(folder, FaultPoints.ShardMiddle, 2, "sleep=2");
        // A terminal's Ctrl-C reaches the children as well as the call.
        await using var call = folder.Start(folder.Knn(Installation.Simclr, 2, SmallData.In(folder)), fault.Environment, ownGroup: true);
        await fault.FiredAsync(call);
        ProcessTable.Signal(wholeGroup ? -call.Pid : call.Pid, signal);

        var result = (await call.EndAsync(TimeSpan.FromSeconds(60))).Ended(130);

        await folder.NothingSurvivesAsync();
        Assert.Contains("clusterbench resume", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        var half = RunJournal.Read(folder.StateDir);
        half.AssertWhole();
        Assert.NotEmpty(half.State.Completed);
        Assert.Equal("interrupted", (await folder.RunAsync("status", "last", "--state-dir", folder.StateDir, "--json")).Ended(0).View().Status);
        var resumed = (await folder.RunAsync("resume", folder.WorkDir, "--state-dir", folder.StateDir, "--workers", "2", "--json")).Ended(0);
        Assert.Equal("completed", resumed.Outcome().Status);
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertEachImageDecodedOnce();
        Assert.All(half.State.Completed, done => Assert.Equal(done.Value, journal.State.Completed[done.Key]));
        await folder.NothingSurvivesAsync();
    }
}
