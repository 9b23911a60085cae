using ClusterBench.GpuWorker.Training;

namespace ClusterBench.Tests.Training;

public sealed class TopCountsTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(5, 0, 1)]
    [InlineData(6, 0, 0)]
    public void Of_equal_logits_the_lower_class_comes_first(int label, int top1, int top5) =>
        Assert.Equal(new TopCounts(top1, top5), TopCounts.Of([7, 7, 7, 1, 0, 1, 1], [label], 7));

    [Fact]
    public void Rows_without_a_label_are_padding_and_a_NaN_has_no_place_in_an_order()
    {
        Assert.Equal(new TopCounts(1, 2), TopCounts.Of([1, 0, 0, 1, float.NaN, float.NaN], [0, 0], 2));
        Assert.Null(TopCounts.Of([1, float.NaN], [0], 2));
        Assert.Null(TopCounts.Of([float.NaN, 1], [0], 2));
    }
}
