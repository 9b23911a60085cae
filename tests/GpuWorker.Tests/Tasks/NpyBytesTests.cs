using ClusterBench.Arrays;

namespace ClusterBench.Tests.Tasks;

public sealed class NpyBytesTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_bytes_are_a_file_that_reads_back_with_its_shape_and_values()
    {
        File.WriteAllBytes(folder.File("a.npy"), NpyBytes.Of<int>([2, 3], [1, -2, 3, 4, int.MaxValue, int.MinValue]));
        using var array = NpyArray.Open(folder.File("a.npy"));
        Assert.Equal([2L, 3], array.Shape);
        Assert.Equal([1, -2, 3, 4, int.MaxValue, int.MinValue], array.Rows<int>(0, 2).ToArray());
    }

    [Fact]
    public void Equal_content_gives_equal_bytes_and_so_one_name_in_the_store() =>
        Assert.Equal(NpyBytes.Of<float>([1, 2], [0.5f, float.NaN]), NpyBytes.Of<float>([1, 2], [0.5f, float.NaN]));

    [Theory, InlineData(1), InlineData(3)]
    public void Elements_that_do_not_fill_the_shape_are_refused(int elements) =>
        Assert.ThrowsAny<Exception>(() => NpyBytes.Of<float>([1, 2], new float[elements]));
}
