using ClusterBench.Reports;

namespace ClusterBench.Tests.Reports;

public sealed class ChartAxisTests
{
    [Theory]
    [InlineData(0.37, 2.31, "0 0.5 1.0 1.5 2.0 2.5")]
    [InlineData(42.7, 84.1, "40 50 60 70 80 90")]
    [InlineData(0, 851.3, "0 200 400 600 800 1,000")]
    [InlineData(0, 6e-5, "0 2e-5 4e-5 6e-5")]
    [InlineData(0.001, 0.001, "0.0004 0.0006 0.0008 0.0010 0.0012 0.0014 0.0016")]
    [InlineData(38.3, 38.3 + 1e-13, "10 20 30 40 50 60")]
    [InlineData(0, 0, "-1.0 -0.5 0 0.5 1.0")]
    [InlineData(-3, 4, "-4 -2 0 2 4")]
    public void Ticks_are_round_numbers_around_the_values(double low, double high, string ticks)
    {
        var axis = new ChartAxis(low, high, 5);

        Assert.Equal(ticks, string.Join(' ', axis.Ticks.Select(axis.Label)));
        Assert.True(axis.Low <= low && axis.High >= high);
    }

    [Theory]
    [InlineData(1, 20, "5 10 15 20")]
    [InlineData(1, 3, "1 2 3")]
    [InlineData(1, 1, "1 2")]
    [InlineData(0, 500_000, "0 100,000 200,000 300,000 400,000 500,000")]
    public void An_axis_that_counts_has_whole_ticks_and_ends_with_the_values(double low, double high, string ticks)
    {
        var axis = new ChartAxis(low, high, 6, whole: true, tight: true);

        Assert.Equal(ticks, string.Join(' ', axis.Ticks.Select(axis.Label)));
        Assert.Equal(low, axis.Low);
    }
}
