using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Training;

/// <summary>Up to the reduced gradients a step changes nothing; an exception while it is applied marks the state.</summary>
[Collection(nameof(RunsAlone))]
public sealed class AbortTests
{
    [Theory, InlineData("Reduce"), InlineData("Gather"), InlineData("Broadcast")]
    public void A_gang_that_breaks_between_forward_and_apply_changes_nothing(string call)
    {
        using var session = FewSteps.Finetune();
        var digests = new List<string> { session.State.Digest() };
        var seen = new Recorder();
        seen.Applied += _ => digests.Add(session.State.Digest());
        using (var collective = new FailingCollective(Gang.One(session), call, step: 2))
        {
            var trainer = new Trainer(session, collective, seen, TimeProvider.System);
            Assert.Contains($"rank 1 is lost in {call}", Assert.Throws<CollectiveAbortedException>(() => trainer.Run(0, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
            Assert.True(collective.HasFailed);
        }
        Assert.Equal((2L, false), (session.State.Step, session.State.IsTorn));
        Assert.Equal(digests[^1], session.State.Digest());

        Gang.Train(session);
        using var undisturbed = FewSteps.Finetune();
        Gang.Train(undisturbed);
        Assert.Equal(undisturbed.State.Digest(), session.State.Digest());
    }

    [Fact]
    public void A_cancelled_step_changes_nothing_and_leaves_no_thread_waiting()
    {
        using var session = FewSteps.Finetune();
        using var cancel = new CancellationTokenSource();
        using var collective = Gang.One(session);
        var seen = new Recorder();
        string? digest = null;
        seen.Applied += _ =>
        {
            digest = session.State.Digest();
            cancel.Cancel();
        };
        var trainer = new Trainer(session, collective, seen, TimeProvider.System);
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Run(0, cancel.Token));
        Assert.Equal(1, session.State.Step);
        Assert.Equal(digest, session.State.Digest());
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_with_its_step_and_changes_nothing()
    {
        using var session = FewSteps.Finetune();
        Gang.Train(session, stopAfter: 4);
        session.State.Weights.Floats(session.State.Weights.Layout["head.fc.bias"])[3] = float.NaN;
        var digest = session.State.Digest();
        var error = Assert.Throws<NonFiniteLossException>(() => Gang.Train(session));
        Assert.Equal((4L, 1), (error.Step, error.ExitCode));
        Assert.StartsWith("The loss of step 5 (epoch 2, iteration 2) is NaN on virtual rank 0", error.Message, StringComparison.Ordinal);
        Assert.Equal(digest, session.State.Digest());
    }

    [Fact]
    public void An_exception_while_a_step_is_applied_leaves_a_state_that_nobody_takes()
    {
        using var session = FewSteps.Finetune();
        using var folder = new Tasks.TempFolder();
        using var wrong = TorchSharp.torch.zeros(16);
        Assert.Throws<ArgumentException>(() => session.State.Apply(wrong, null));
        Assert.True(session.State.IsTorn);
        Assert.Equal(0, session.State.Step);
        Assert.Contains("torn", Assert.Throws<InvalidOperationException>(session.State.Digest).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => TrainingCheckpoint.Write(folder.File("a.pth"), session.State, session.Plan, "hash"));
        Assert.Throws<InvalidOperationException>(() => Gang.Train(session));

        // Only a replacement as a whole makes it a state again.
        using var source = FewSteps.Finetune();
        Gang.Train(source, stopAfter: 2);
        session.State.BeginReplace();
        foreach (var (from, to) in source.State.Parts.Zip(session.State.Parts))
            using (TorchSharp.torch.no_grad())
                to.Tensor.copy_(from.Tensor);
        session.State.EndReplace(source.State.Step);
        Assert.Equal(source.State.Digest(), session.State.Digest());
        Gang.Train(session);
        Gang.Train(source);
        Assert.Equal(source.State.Digest(), session.State.Digest());
    }
}
