using System.Diagnostics;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Training;

/// <summary>A process that trains alone and is killed: its newest whole checkpoint leads to the bits of an undisturbed run.</summary>
[Collection(nameof(RunsAlone))]
public sealed class KilledTrainingTests
{
    private const string Folder = "CLUSTERBENCH_TEST_KILLED_TRAINING";
    private static readonly int[] CheckpointSteps = [2, 4];

    [Theory]
    [InlineData(FaultPoints.StepMiddle, 4, 2)]
    [InlineData(FaultPoints.StepMidReduce, 6, 4)]
    [InlineData(FaultPoints.CheckpointBetweenWriteAndRename, 2, 2)]
    public async Task The_newest_checkpoint_is_whole_and_training_goes_on_from_it_to_the_same_bits(string point, int passage, long newest)
    {
        if (Environment.GetEnvironmentVariable(Folder) is { Length: > 0 })
            return;
        using var folder = new Tasks.TempFolder();
        var fault = $"{point}@{passage}:kill";
        Assert.Equal(137, await TrainInAProcess(folder.Path, fault));
        Assert.True(File.Exists(folder.File($"{point}@{passage}-kill")), "the fault did not fire");
        Assert.Equal(newest == 4 ? ["2.pth", "4.pth"] : ["2.pth"], Directory.EnumerateFiles(folder.Path, "*.pth").Select(Path.GetFileName).Order());

        using var session = FewSteps.Finetune();
        TrainingCheckpoint.Read(folder.File($"{newest}.pth"), session.State, session.Plan, "hash");
        Assert.Equal(newest, session.State.Step);
        Gang.Train(session);
        using var undisturbed = FewSteps.Finetune();
        Gang.Train(undisturbed);
        Assert.Equal(undisturbed.State.Digest(), session.State.Digest());
    }

    /// <summary>What the process does; by itself it has nothing to do.</summary>
    [Fact]
    public void Training_with_checkpoints()
    {
        if (Environment.GetEnvironmentVariable(Folder) is not { Length: > 0 } folder)
            return;
        using var session = FewSteps.Finetune();
        using var collective = Gang.One(session);
        var seen = new Recorder();
        seen.Applied += report =>
        {
            if (CheckpointSteps.Contains((int)report.Step))
                TrainingCheckpoint.Write(Path.Combine(folder, $"{report.Step}.pth"), session.State, session.Plan, "hash");
        };
        Assert.Equal(TrainingEnd.Completed, new Trainer(session, collective, seen, TimeProvider.System).Run(0, TestContext.Current.CancellationToken));
    }

    private static async Task<int> TrainInAProcess(string folder, string fault)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "GpuWorker.Tests"), ["-method", $"{typeof(KilledTrainingTests).FullName}.{nameof(Training_with_checkpoints)}"])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment[Folder] = start.Environment["CLUSTERBENCH_FAULTS_DIR"] = folder;
        start.Environment["CLUSTERBENCH_FAULTS"] = fault;
        using var child = Process.Start(start)!;
        await Task.WhenAll(
            child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return child.ExitCode;
    }
}
