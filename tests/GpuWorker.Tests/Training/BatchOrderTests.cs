using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class BatchOrderTests
{
    private static readonly TrainingPlan Plan = new(SampleRun.Finetune(epochs: 2), 146, 1000);

    [Theory, InlineData(0, 4, 0), InlineData(1, 2, 2), InlineData(3, 1, 5)]
    public void A_worker_gets_of_each_step_the_samplers_batch_of_every_rank_that_it_hosts(int first, int count, int firstStep)
    {
        var order = new TrainingOrder(Plan, new RankBlock(first, count), firstStep);
        var batch = 0;
        for (long step = firstStep; step < 6; step++)
            for (var rank = first; rank < first + count; rank++, batch++)
            {
                var epoch = (int)step / 3;
                var expected = Plan.Sampler.Epoch(epoch).Batch((int)step % 3, rank);
                Assert.Equal(step % 3 == 2 ? 5 : 16, order.Count(batch));
                Assert.Equal(expected.Select(index => new ImageSample(index, new SampleKey(0, epoch, index))), Enumerable.Range(0, order.Count(batch)).Select(row => order.Sample(batch, row)));
            }
        Assert.Equal(batch, order.Batches);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Whoever_evaluates_every_image_comes_once_in_the_batch_that_the_plan_gives_it(int workers)
    {
        var seen = new List<(int Image, int Rank, int Row)>();
        foreach (var block in RankHosting.Blocks(4, workers))
        {
            var order = new EvaluationOrder(Plan, block);
            for (var batch = 0; batch < order.Batches; batch++)
                for (var row = 0; row < order.Count(batch); row++)
                    seen.Add((order.Sample(batch, row).Index, order.RankOf(batch), row));
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(image => (image, image / 64 % 4, image % 64)), seen.Order());
    }
}
