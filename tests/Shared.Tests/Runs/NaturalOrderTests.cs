using ClusterBench.Runs;

namespace ClusterBench.Tests.Runs;

public sealed class NaturalOrderTests
{
    [Fact]
    public void Numbers_in_names_count_as_numbers()
    {
        string[] names = ["top5@k=10", "top1@k=100", "top1@k=20", "top1@k=200", "top1@k=10", "top1"];

        Assert.Equal(["top1", "top1@k=10", "top1@k=20", "top1@k=100", "top1@k=200", "top5@k=10"], names.Order(NaturalOrder.Instance));
    }

    [Fact]
    public void Names_that_differ_only_in_zeros_are_still_different() => Assert.NotEqual(0, NaturalOrder.Instance.Compare("a01", "a1"));
}
