using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

/// <summary>The two hazards that would give wrong results without a word (docs/numerics.md), provoked.</summary>
[Collection(nameof(RunsAlone))]
public sealed class HazardTests
{
    [Fact]
    public void The_first_step_of_every_shape_computes_one_rank_at_a_time_and_later_ones_side_by_side()
    {
        using var session = FewSteps.Finetune(cores: 4);
        var peaks = new List<int>();
        var seen = new Recorder();
        seen.Applied += _ => peaks.Add(session.Tokens.TakePeak());
        using var collective = Gang.One(session);
        new Trainer(session, collective, seen, TimeProvider.System).Run(0, TestContext.Current.CancellationToken);
        // Step 1 has a new shape, and step 3, the epoch's short batch.
        Assert.Equal((1, 1), (peaks[0], peaks[2]));
        Assert.InRange(new[] { peaks[1], peaks[3], peaks[4], peaks[5] }.Max(), 2, 4);
    }

    [Fact]
    public void A_gradient_that_differs_in_one_bit_when_the_first_step_is_done_twice_ends_the_work()
    {
        using var session = FewSteps.Finetune();
        using var rank = new VirtualRank(0, session.Plan, session.State, frozen: null);
        var backwards = 0;
        rank.AfterBackward = () =>
        {
            ref var value = ref rank.Gradients.Floats()[session.State.Weights.Layout["backbone.layer2.0.conv1.weight"] is var place ? (int)place.Offset : 0];
            if (++backwards == 2)
                value = MathF.BitIncrement(value);
        };
        using var scope = NewDisposeScope();
        var images = zeros(4, 3, 32, 32).ChannelsLast();
        var error = Assert.Throws<UnreliableKernelException>(() => rank.Compute(images, [0, 1, 2, 3], session.Guard));
        Assert.StartsWith("The first computation of a training step of ResNet_CIFAR-18 up to feat5, 4 x 3 x 32 x 32, 1 threads, done twice, gave two results", error.Message, StringComparison.Ordinal);
        // The kernels are not taken as proven; a second try checks again and passes.
        rank.Compute(images, [0, 1, 2, 3], session.Guard);
        Assert.Equal(4, backwards);
        rank.Compute(images, [0, 1, 2, 3], session.Guard);
        Assert.Equal(5, backwards);
    }

    [Fact]
    public void Collections_forced_by_another_thread_in_the_middle_of_steps_change_no_bit()
    {
        // Small images: the more steps in a second, the more numbers are handed to libtorch while something is collected.
        using var undisturbed = FewSteps.Small(epochs: 20, cores: 2);
        Gang.Train(undisturbed);
        using var session = FewSteps.Small(epochs: 20, cores: 4);
        var (stop, collections) = (false, 0);
        var collector = new Thread(() =>
        {
            for (; !Volatile.Read(ref stop); collections++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            Gang.Train(session);
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
        Assert.Equal(60, session.State.Step);
        Assert.True(collections > 60, $"only {collections} collections ran beside 60 steps");
        Assert.Equal(undisturbed.State.Digest(), session.State.Digest());
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var session = FewSteps.Finetune();
        using var collective = Gang.One(session);
        var counts = new List<long>();
        var seen = new Recorder();
        seen.Applied += _ => counts.Add(Tensor.TotalCount);
        new Trainer(session, collective, seen, TimeProvider.System).Run(0, TestContext.Current.CancellationToken);
        Assert.Single(counts.Skip(1).Distinct());
    }
}
