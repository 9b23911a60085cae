using ClusterBench.Reports;

namespace ClusterBench.Tests.Reports;

public sealed class CellsTests
{
    [Theory]
    [InlineData(0.004, "0.00 s")]
    [InlineData(9.876, "9.88 s")]
    [InlineData(12.345, "12.3 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(61, "1 min 01 s")]
    [InlineData(3599.4, "59 min 59 s")]
    [InlineData(3 * 3600 + 305, "3 h 05 min")]
    [InlineData(30 * 3600, "30 h 00 min")]
    public void A_duration_has_the_digits_that_a_reader_needs(double seconds, string text) => Assert.Equal(text, Cells.Duration(seconds));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(2_834_567, "2.8 MB")]
    [InlineData(1_500_000_000_000_000, "1500.0 TB")]
    public void A_size_has_a_unit_and_its_exact_bytes_behind_it(long bytes, string text)
    {
        Assert.Equal(text, Cells.Bytes(bytes).Text);
        Assert.Equal($"{bytes} bytes", Cells.Bytes(bytes).Exact);
    }

    [Fact]
    public void A_metric_that_is_no_number_is_shown_as_such_without_a_bar()
    {
        Assert.Equal("NaN", Cells.Metric(double.NaN).Text);
        Assert.Null(Cells.Metric(double.NaN).Percent);
    }

    [Theory]
    [InlineData("k=20", "k=100", -1)]
    [InlineData("feat2", "feat5", -1)]
    [InlineData("feat5,k=8", "feat5,k=16", -1)]
    [InlineData("feat5", "feat5,k=1", -1)]
    [InlineData("lr=0.1,wd=0", "lr=0.01,wd=0", 1)]
    [InlineData("k=20", "k=20", 0)]
    public void Places_are_ordered_by_their_numbers(string left, string right, int order) =>
        Assert.Equal(order, Math.Sign(MetricName.CompareAt(left, right)));
}
