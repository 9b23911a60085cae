using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("depht", "depth", 1)]
    [InlineData("momentun", "momentum", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void The_distance_counts_edits_and_exchanged_neighbours_once(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(a, b));
        Assert.Equal(distance, NearestName.Distance(b, a));
    }

    [Theory]
    [InlineData("depht", "depth")]
    [InlineData("Depth", "depth")]
    [InlineData("img_per_gpu", "imgs_per_gpu")]
    [InlineData("zzz", null)]
    [InlineData("d", null)]
    [InlineData("st", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_close_or_none(string name, string? nearest) =>
        Assert.Equal(nearest, NearestName.Of(name, ["depth", "imgs_per_gpu", "style"]));

    [Theory]
    [InlineData("--wrokers", "; did you mean '--workers'?")]
    [InlineData("--w", "")]
    public void The_dashes_of_an_option_make_no_two_names_alike(string typed, string hint) =>
        Assert.Equal(hint, NearestName.Hint(typed, ["--workers", "--k", "--json"]));
}
