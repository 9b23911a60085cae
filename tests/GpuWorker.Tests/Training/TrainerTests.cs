using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Numerics;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

/// <summary>The loop over steps and epochs, and that it comes to the same bits however it is run.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TrainerTests
{
    [Fact]
    public void Steps_epochs_and_evaluations_come_in_order_with_their_numbers()
    {
        using var session = FewSteps.Finetune();
        var (end, seen) = Gang.Train(session);
        Assert.Equal(TrainingEnd.Completed, end);
        Assert.Equal(6, session.State.Step);
        Assert.Equal([(1L, 1, 1, 64), (2, 1, 2, 64), (3, 1, 3, 20), (4, 2, 1, 64), (5, 2, 2, 64), (6, 2, 3, 20)], seen.Steps.Select(s => (s.Step, s.Epoch, s.Iteration, s.Images)));
        var schedule = session.Plan.Schedule;
        Assert.Equal(Enumerable.Range(0, 6).Select(step => schedule.RateAt(step, 0.05)), seen.Steps.Select(step => step.LearningRate));
        Assert.All(seen.Steps, step => Assert.True(step.Loss is > 0 and < 5 && step.Time >= step.DataTime && step.DataTime >= TimeSpan.Zero && step.Top5 >= step.Top1));
        Assert.True(seen.Steps[^1].Loss < seen.Steps[0].Loss);
        Assert.Equal([2L, 4, 6], seen.Lines.Select(line => line.Step));
        Assert.Equal([1, 2], seen.Epochs.Select(epoch => epoch.Epochs));
        Assert.Null(seen.Epochs[0].Evaluation);
        Assert.Equal(FewSteps.ValImages, seen.Epochs[1].Evaluation!.Images);
    }

    [Fact]
    public void Any_number_of_tokens_gives_the_same_bits()
    {
        string[] digests = [.. new[] { 1, 2, 4 }.Select(cores =>
        {
            using var session = FewSteps.Finetune(cores);
            Assert.Equal(TrainingEnd.Completed, Gang.Train(session).End);
            return session.State.Digest();
        })];
        Assert.Single(digests.Distinct());
    }

    [Fact]
    public void A_stop_and_a_checkpoint_in_mid_epoch_lead_to_the_same_bits_and_reports()
    {
        using var whole = FewSteps.Finetune();
        var (_, undisturbed) = Gang.Train(whole);
        using var folder = new Tasks.TempFolder();
        var path = folder.File("step_000002.pth");
        WrittenCheckpoint written;
        List<StepReport> before;
        using (var first = FewSteps.Finetune())
        {
            var (end, seen) = Gang.Train(first, stopAfter: 2);
            Assert.Equal((TrainingEnd.Stopped, 2L), (end, first.State.Step));
            before = seen.Steps;
            written = TrainingCheckpoint.Write(path, first.State, first.Plan, "hash");
        }
        using var second = FewSteps.Finetune(cores: 1);
        TrainingCheckpoint.Read(path, second.State, second.Plan, "hash", written.Sha256);
        Assert.Equal(2, second.State.Step);
        var (_, rest) = Gang.Train(second);
        Assert.Equal(whole.State.Digest(), second.State.Digest());
        Assert.Equal(undisturbed.Steps.Select(s => (s.Step, s.Loss, s.Top1)), before.Concat(rest.Steps).Select(s => (s.Step, s.Loss, s.Top1)));
        Assert.Equal(undisturbed.Epochs.Select(e => (e.Epochs, e.Evaluation?.Top1Images)), rest.Epochs.Select(e => (e.Epochs, e.Evaluation?.Top1Images)));
    }

    [Fact]
    public void An_epochs_end_that_nobody_knows_of_is_evaluated_and_reported_again_without_a_step()
    {
        using var session = FewSteps.Finetune();
        var (_, seen) = Gang.Train(session);
        var digest = session.State.Digest();
        var (end, again) = Gang.Train(session, completedEpochs: 1);
        Assert.Equal(TrainingEnd.Completed, end);
        Assert.Empty(again.Steps);
        Assert.Equal(seen.Epochs[^1].Evaluation!.Top1Images, Assert.Single(again.Epochs).Evaluation!.Top1Images);
        Assert.Equal(digest, session.State.Digest());
        Assert.Empty(Gang.Train(session, completedEpochs: 2).Seen.Epochs);
    }

    [Fact]
    public void A_short_batch_of_one_value_per_channel_is_refused_before_the_first_step()
    {
        var config = SampleRun.Finetune() with { Backbone = Features.Samples.Config with { Type = "ResNet" } };
        var data = SampleRun.Data(config, train: 68, val: 4);
        using var session = new TrainingSession(new TrainingPlan(config, 68, 4), data, 2);
        Assert.Contains("drop_last", Assert.Throws<UserErrorException>(() => Gang.Train(session)).Message, StringComparison.Ordinal);
        Assert.Equal(0, session.State.Step);
    }
}
