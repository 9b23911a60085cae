using System.Globalization;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// Evaluates the state on the validation list: every image once, in batches that the plan fixes. The last, smaller batch is padded to
/// the full size, because a row's last bits depend on it. It changes no state.
/// </summary>
internal sealed class Evaluator(TrainingSession session, ICollective collective, RankThreads threads)
{
    private readonly Lock _reading = new();

    /// <returns>The same on every member.</returns>
    /// <exception cref="UserErrorException">An image cannot be read, or the network gives no numbers.</exception>
    /// <exception cref="CollectiveAbortedException">The gang broke.</exception>
    public EvaluationResult Run(TimeProvider clock, CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        var (plan, block) = (session.Plan, collective.Group.Hosted);
        var order = new EvaluationOrder(plan, block);
        var counts = new RankRecord[block.Count];
        if (order.Batches > 0)
            Compute(order, counts, cancellation);
        var records = RankStep.Exchange(collective, session.State.Step, counts);
        if (records.Any(record => record.Flags.HasFlag(RankFlags.NotANumber)))
            throw new UserErrorException($"After step {session.State.Step} the network's outputs on the validation images are not numbers: training has diverged.", 1);
        return new EvaluationResult(
            records.Sum(record => record.Images), records.Sum(record => record.Top1), records.Sum(record => record.Top5), clock.GetElapsedTime(begun));
    }

    private void Compute(EvaluationOrder order, RankRecord[] counts, CancellationToken cancellation)
    {
        var (plan, set) = (session.Plan, session.Data.Val);
        using var scope = NewDisposeScope();
        using var replica = new ModelReplica(session.State.Weights);
        using var plain = new ClassifierNetwork(replica, plan.Config.Backbone, plan.Training.Head);
        using var network = plain.Fold();
        // One more than can compute: it has its batch ready when a token is free.
        var busy = Math.Min(threads.Count, session.Tokens.Count + 1);
        using var reader = new ImageBatchReader(set.Files, set.Pipeline, plan.Config.BatchSize, order, session.Cores, busy, cancellation: cancellation);
        threads.Run(i =>
        {
            while (i < busy && Next(reader) is { } batch)
            {
                var result = Count(network, batch, reader.Size);
                lock (_reading)
                    Add(ref counts[order.RankOf(batch.Index) - collective.Group.Hosted.First], result, batch.Count);
            }
        });
    }

    private ImageBatch? Next(ImageBatchReader reader)
    {
        lock (_reading)
            return reader.Read();
    }

    private TopCounts? Count(ClassifierNetwork network, ImageBatch batch, ImageSize size)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        var labels = BatchTensors.Labels(batch, session.Data.Val.Labels);
        var images = BatchTensors.Images(batch, size, session.Plan.Config.BatchSize);
        batch.Dispose();
        var (backbone, head) = (session.Plan.Config.Backbone, session.Plan.Training.Head);
        var shape = string.Create(CultureInfo.InvariantCulture,
            $"an evaluation of {backbone.Type}-{backbone.Depth} up to {head.Feature}, {string.Join(" x ", images.shape)}, {session.Plan.Config.Threads} threads");
        var logits = session.Guard.Run(shape, () => Logits(network, images), static (first, second) => Bits.Difference(first, second));
        return TopCounts.Of(logits, labels, head.Classes);
    }

    private static float[] Logits(ClassifierNetwork network, Tensor images)
    {
        using var scope = NewDisposeScope();
        return network.Forward(images).Floats().ToArray();
    }

    private static void Add(ref RankRecord sum, TopCounts? counts, int images) => sum = counts is { } here
        ? sum with { Images = sum.Images + images, Top1 = sum.Top1 + here.Top1, Top5 = sum.Top5 + here.Top5 }
        : sum with { Flags = sum.Flags | RankFlags.NotANumber };
}
