using ClusterBench.Coordinator.Membership;

namespace ClusterBench.Tests.Membership;

public sealed class MembersFileTests
{
    private static readonly KnownMember Worker = new("akka.tcp://clusterbench@127.0.0.1:4711", 7, "worker", "host/0");

    [Fact]
    public void What_was_written_is_read_and_nothing_else_lies_beside_it()
    {
        using var folder = new TestFolder();
        var file = new MembersFile(folder.File("journal.db"));
        file.Write([Worker, new KnownMember("akka.tcp://clusterbench@127.0.0.1:4712", 8, "coordinator", null)]);
        file.Write([Worker]);
        Assert.Equal([Worker], file.Read(static note => Assert.Fail(note)));
        Assert.Equal([file.Path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void No_file_is_an_empty_list_without_a_note()
    {
        using var folder = new TestFolder();
        Assert.Empty(new MembersFile(folder.File("journal.db")).Read(static note => Assert.Fail(note)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{\"address\": \"akka.tcp://clus")]
    [InlineData("[{\"uid\": 1}]")]
    [InlineData("{\"address\": \"x\"}")]
    [InlineData("[null]")]
    public void A_damaged_file_is_an_empty_list_with_a_note_that_names_it(string text)
    {
        using var folder = new TestFolder();
        var file = new MembersFile(folder.File("journal.db"));
        File.WriteAllText(file.Path, text);
        var notes = new List<string>();
        Assert.Empty(file.Read(notes.Add));
        Assert.Contains("members.json cannot be used", Assert.Single(notes), StringComparison.Ordinal);
    }
}
