using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Features;
using ClusterBench.Tests.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

[Collection(nameof(RunsAlone))]
public sealed class EvaluatorTests
{
    [Theory, InlineData(1), InlineData(4)]
    public void Every_image_is_counted_once_and_as_the_network_sees_it(int cores)
    {
        using var session = FewSteps.Finetune(cores);
        Gang.Train(session);
        using var collective = Gang.One(session);
        using var threads = new RankThreads(4, 0, 1);
        var result = new Evaluator(session, collective, threads).Run(TimeProvider.System, TestContext.Current.CancellationToken);

        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var replica = new ModelReplica(session.State.Weights);
        using var network = new ClassifierNetwork(replica, Samples.Config, session.Plan.Training.Head);
        var logits = network.Forward(TensorMemory.Copy(Samples.Images(FewSteps.ValImages), FewSteps.ValImages, 3, 32, 32).ChannelsLast());
        var order = logits.argsort(dim: 1, descending: true);
        var labels = Samples.Labels("val.txt");
        var ranks = Enumerable.Range(0, FewSteps.ValImages).Select(row => Array.IndexOf(order[row].contiguous().Longs().ToArray(), labels[row])).ToArray();
        Assert.Equal((FewSteps.ValImages, ranks.Count(rank => rank < 1), ranks.Count(rank => rank < 5)), (result.Images, result.Top1Images, result.Top5Images));
        Assert.InRange(result.Top1, 20, 95);
        Assert.InRange(result.Top5, result.Top1, 100);
    }

    [Fact]
    public void Outputs_that_are_not_numbers_are_an_error_and_no_accuracy()
    {
        using var session = FewSteps.Finetune();
        session.State.Weights.Floats(session.State.Weights.Layout["head.fc.weight"])[0] = float.NaN;
        using var collective = Gang.One(session);
        using var threads = new RankThreads(4, 0, 1);
        Assert.Contains("not numbers", Assert.Throws<UserErrorException>(
            () => new Evaluator(session, collective, threads).Run(TimeProvider.System, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }
}
