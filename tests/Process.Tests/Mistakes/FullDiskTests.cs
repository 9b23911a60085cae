using ClusterBench.Tests.Harness;
using ClusterBench.Tests.Survival;

namespace ClusterBench.Tests.Mistakes;

/// <summary>A disk that is full is one clear error; what is finished stays, and once there is room the run goes on.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_work_dir_fails_the_run_with_the_files_name_and_resume_completes_it_once_there_is_room()
    {
        var (contents, metrics) = await UndisturbedRun.Result();
        await using var folder = new TestFolder();
        await using var disk = await FullDisk.MountAsync(folder.At("disk"), "2m");
        disk.Fill(free: 100_000);

        (await folder.RunAsync(folder.Knn(Installation.Simclr, 2, [.. SmallData.In(folder), "--work-dir", folder.At("disk", "work")])))
            .Ended(1).Complained(folder.At("disk", "work"), "No space left");

        await folder.NothingSurvivesAsync();
        var half = RunJournal.Read(folder.StateDir);
        half.AssertWhole();
        disk.MakeRoom();
        var result = (await folder.RunAsync("resume", "last", "--state-dir", folder.StateDir, "--workers", "2", "--json")).Ended(0);
        Assert.Equal(metrics, result.Outcome().Metrics);
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertEachImageDecodedOnce();
        Assert.Equal(contents, journal.Contents);
        Assert.All(half.State.Completed, done => Assert.Equal(done.Value, journal.State.Completed[done.Key]));
        await folder.NothingSurvivesAsync();
    }

    [Fact]
    public async Task Where_there_is_no_room_for_a_journal_the_call_says_so_at_once_and_starts_nothing_over_and_over()
    {
        await using var folder = new TestFolder();
        await using var disk = await FullDisk.MountAsync(folder.At("disk"), "8m");
        disk.Fill(free: 40_000);

        var stopped = (await folder.RunAsync(folder.Knn(Installation.Simclr, 1, [.. SmallData.In(folder), "--state-dir", folder.At("disk", "state")])))
            .Ended(1).Complained("No space left for the journal", folder.At("disk", "state"));

        Assert.DoesNotContain("it is started again", stopped.Error, StringComparison.Ordinal);
        await folder.NothingSurvivesAsync();
    }

    [Fact]
    public async Task A_full_state_dir_ends_the_run_in_good_time_and_the_same_call_goes_on_once_there_is_room()
    {
        var (contents, metrics) = await UndisturbedRun.Result();
        await using var folder = new TestFolder();
        await using var disk = await FullDisk.MountAsync(folder.At("disk"), "8m");
        disk.Fill(free: 300_000);
        string stateDir = folder.At("disk", "state");
        string[] call = folder.Knn(Installation.Simclr, 2, [.. SmallData.In(folder), "--state-dir", stateDir]);

        // A worker's file or the journal, whichever is hit first.
        var stopped = (await folder.RunAsync(call)).Ended(1).Complained(stateDir);
        Assert.True(stopped.Error.Contains("No space left", StringComparison.Ordinal) || stopped.Error.Contains("disk is full", StringComparison.Ordinal), stopped.Error);

        await folder.NothingSurvivesAsync();
        RunJournal.TryRead(stateDir)?.AssertWhole();
        disk.MakeRoom();
        var result = (await folder.RunAsync(call)).Ended(0);
        Assert.Equal(metrics, result.Outcome().Metrics);
        var journal = RunJournal.Read(stateDir);
        journal.AssertWhole();
        Assert.Equal(contents, journal.Contents);
        await folder.NothingSurvivesAsync();
    }
}
