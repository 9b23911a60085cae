using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Models;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

/// <summary>Steps on the flat tensor against trajectories of torch.optim.SGD with a group per parameter.</summary>
[Collection(nameof(RunsAlone))]
public sealed class FlatSgdTests
{
    public static TheoryData<string> Trajectories => [.. SgdTrajectory.Names];

    [Fact]
    public void All_trajectories_of_the_reference_are_there() => Assert.Equal(9, Trajectories.Count);

    [Theory, MemberData(nameof(Trajectories))]
    public void Twenty_steps_follow_torch_within_a_millionth(string name)
    {
        var trajectory = new SgdTrajectory(name);
        using var weights = trajectory.Weights();
        using var sgd = trajectory.Optimizer(weights);

        var compared = 0;
        for (var step = 0; step < 20; step++)
        {
            trajectory.Step(sgd, step);
            foreach (var (entry, expected) in trajectory.Expected(step))
            {
                Assert.InRange(ModelFixture.Relative(weights.Floats(entry), expected), 0, 1e-6);
                compared++;
            }
        }

        Assert.Equal(5 * 5, compared);
    }

    [Fact]
    public void Padding_stays_0_and_a_frozen_parameter_stays_as_it_was_to_the_bit()
    {
        var trajectory = new SgdTrajectory("sgd_nesterov_wd");
        using var weights = trajectory.Weights();
        using var sgd = trajectory.Optimizer(weights, trained: name => name != "backbone.bn1.bias");
        var frozen = weights.Floats(weights.Layout["backbone.bn1.bias"]).ToArray();
        var stepped = weights.Floats(weights.Layout["backbone.bn1.weight"]).ToArray();

        for (var step = 0; step < 20; step++)
            trajectory.Step(sgd, step);

        Assert.Equal(frozen, weights.Floats(weights.Layout["backbone.bn1.bias"]));
        Assert.NotEqual(stepped, weights.Floats(weights.Layout["backbone.bn1.weight"]).ToArray());
        var used = weights.Layout.Entries.SelectMany(entry => Enumerable.Range((int)entry.Offset, (int)entry.Count)).ToHashSet();
        var padding = Enumerable.Range(0, (int)weights.Layout.ParameterLength).Where(place => !used.Contains(place)).ToArray();
        Assert.NotEmpty(padding);
        var (values, momentum) = (weights.Parameters.Floats().ToArray(), sgd.Momentum.Floats().ToArray());
        Assert.All(padding, place => Assert.Equal((0f, 0f), (values[place], momentum[place])));
        var bias = weights.Layout["backbone.bn1.bias"];
        Assert.All(momentum.AsSpan((int)bias.Offset, (int)bias.Count).ToArray(), value => Assert.Equal(0, value));
    }

    [Theory, InlineData("sgd_dampening", 0), InlineData("sgd_dampening", 7), InlineData("sgd_head_lr_mult100_momentum0", 7)]
    public void An_optimizer_with_the_stored_state_goes_on_with_the_same_bits(string name, int stop)
    {
        var trajectory = new SgdTrajectory(name);
        using var whole = trajectory.Weights();
        using var undisturbed = trajectory.Optimizer(whole);
        using var weights = trajectory.Weights();
        using (var first = trajectory.Optimizer(weights))
        {
            for (var step = 0; step < 20; step++)
                trajectory.Step(undisturbed, step);
            for (var step = 0; step < stop; step++)
                trajectory.Step(first, step);
            using var second = trajectory.Optimizer(weights);
            first.Momentum.Floats().CopyTo(second.Momentum.Floats());
            second.Started = first.Started;
            for (var step = stop; step < 20; step++)
                trajectory.Step(second, step);
        }

        Assert.Equal(whole.Parameters.Floats(), weights.Parameters.Floats());
    }

    [Fact]
    public void A_hundred_steps_leave_no_tensor_behind()
    {
        var trajectory = new SgdTrajectory("sgd_lr_changes");
        using var weights = trajectory.Weights();
        using var sgd = trajectory.Optimizer(weights);
        trajectory.Step(sgd, 0);
        var before = Tensor.TotalCount;

        for (var step = 1; step < 100; step++)
            trajectory.Step(sgd, step);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Nesterov_without_momentum_or_with_dampening_is_refused_as_torch_refuses_it()
    {
        var trajectory = new SgdTrajectory("sgd_nesterov_wd");
        using var weights = trajectory.Weights();
        var config = trajectory.Config;

        Assert.Throws<UserErrorException>(() => trajectory.Optimizer(weights, config: config with { Momentum = 0 }));
        Assert.Throws<UserErrorException>(() => trajectory.Optimizer(weights, config: config with { Dampening = 0.1 }));
    }

    [Fact]
    public void A_gradient_of_another_length_is_refused()
    {
        var trajectory = new SgdTrajectory("sgd_plain");
        using var weights = trajectory.Weights();
        using var sgd = trajectory.Optimizer(weights);
        using var gradient = zeros(16);

        Assert.Throws<ArgumentException>(() => sgd.Step(gradient, rate => rate));
    }
}
