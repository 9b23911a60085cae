using System.Text;
using ClusterBench.Data;
using ClusterBench.Tests.Configs;

namespace ClusterBench.Tests.Data;

public sealed class ListFileTests
{
    private static IReadOnlyList<ListEntry> Parse(string text) => ListFile.Parse(Encoding.UTF8.GetBytes(text), "meta/train.txt");

    [Fact]
    public void A_line_is_a_path_and_the_label_after_its_last_space() => Assert.Equal(
        [new("n01/a.JPEG", 0), new("with space/b c.png", 12), new("tab.png", 3), new("ü.png", 4), new("last.png", 2147483647)],
        Parse("\ufeffn01/a.JPEG 0\n\n  with space/b c.png   12 \r\ntab.png\t3\n   \nü.png 4\nlast.png 2147483647"));

    [Theory]
    [InlineData("a.png 0\nb.png\n", "meta/train.txt:2: 'b.png' has no label; a line is 'path label', e.g. 'n01440764/img_1.JPEG 0'.")]
    [InlineData("\n\na.png -1", "meta/train.txt:3: 'a.png -1' has the label '-1'; a label is a whole number from 0.")]
    [InlineData("a b.png", "meta/train.txt:1: 'a b.png' has the label 'b.png'; a label is a whole number from 0.")]
    [InlineData("a.png 1.0", "meta/train.txt:1: 'a.png 1.0' has the label '1.0'; a label is a whole number from 0.")]
    [InlineData("a.png 2147483648", "meta/train.txt:1: 'a.png 2147483648' has the label '2147483648'; a label is a whole number from 0.")]
    [InlineData("", "The list meta/train.txt holds no image. A list has one 'path label' line for each.")]
    [InlineData("\n \n", "The list meta/train.txt holds no image. A list has one 'path label' line for each.")]
    public void What_is_not_such_a_line_is_refused_with_file_and_line(string text, string error) =>
        Assert.Equal(error, Assert.Throws<UserErrorException>(() => Parse(text)).Message);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => ListFile.Parse([0x61, 0xFF, 0x20, 0x31], "l.txt"));
        Assert.StartsWith("l.txt:1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_list_says_how_to_point_at_the_data()
    {
        var error = Assert.Throws<UserErrorException>(() => ListFile.Read("/nowhere/list.txt"));
        Assert.Equal("There is no list file /nowhere/list.txt. The dataset config names it (list_file); --data-root says where data/ lies.", error.Message);
        Assert.Equal(2, error.ExitCode);
    }

    [Theory]
    [InlineData("train", 2000)]
    [InlineData("val", 1000)]
    [InlineData("train_10percent", 200)]
    [InlineData("train_1percent", 20)]
    public void The_sample_lists_hold_every_class_equally_often_and_their_images_exist(string list, int count)
    {
        var root = Path.Combine(ConfigFolder.ProgramRoot, "samples", "fashion");
        var entries = ListFile.Read(Path.Combine(root, "meta", list + ".txt"));
        Assert.Equal(count, entries.Count);
        Assert.Equal(Enumerable.Range(0, 10), entries.GroupBy(e => e.Label).Where(g => g.Count() == count / 10).Select(g => g.Key).Order());
        Assert.All(entries, e => Assert.True(File.Exists(Path.Combine(root, e.Path)), e.Path));
    }
}
