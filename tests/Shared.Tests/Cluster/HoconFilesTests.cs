using ClusterBench.Cluster;

namespace ClusterBench.Tests.Cluster;

public sealed class HoconFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clusterbench-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_nodes_own_values_win_over_the_users_file_which_wins_over_the_last_named_file()
    {
        Write("base.hocon", "a { one = base, two = base, three = base, four = base }");
        Write("worker.hocon", "a { two = worker, three = worker, four = worker }");
        var mine = Write("mine.hocon", "a.three = mine\na.four = mine");
        var config = new HoconFiles(folder).Compose(["base", "worker"], mine, new NodeValues().Set("a.four", "node"));
        Assert.Equal(["base", "worker", "mine", "node"], new[] { "one", "two", "three", "four" }.Select(name => config.GetString($"a.{name}")));
    }

    [Theory]
    [InlineData("Data Source=/tmp/a folder/j\"ournal\".db;Default Timeout=10")]
    [InlineData("C:\\new\\table")]
    [InlineData("{ a = 1 } # no comment // either")]
    [InlineData("${akka.loglevel}")]
    [InlineData("")]
    public void A_value_arrives_as_it_was_given(string value) =>
        Assert.Equal(value, new HoconFiles(folder).Compose([], null, new NodeValues().Set("a.b", value).Set("a.c", "after")).GetString("a.b"));

    [Fact]
    public void Host_port_and_roles_are_set_where_Akka_reads_them()
    {
        var config = new HoconFiles(folder).Compose([], null, new NodeValues().Endpoint("node-3", 4711).Roles("worker", ClusterNames.WorkerIdRole("node-3/gpu:0")));
        Assert.Equal("node-3", config.GetString("akka.remote.dot-netty.tcp.hostname"));
        Assert.Equal("node-3", config.GetString("akka.remote.dot-netty.tcp.public-hostname"));
        Assert.Equal(4711, config.GetInt("akka.remote.dot-netty.tcp.port"));
        Assert.Equal(["worker", "worker-id:node-3/gpu:0"], config.GetStringList("akka.cluster.roles"));
        Assert.Equal("node-3/gpu:0", ClusterNames.WorkerIdOf(config.GetStringList("akka.cluster.roles")));
    }

    [Fact]
    public void A_line_break_in_a_value_is_refused() =>
        Assert.Throws<UserErrorException>(() => new NodeValues().Set("a", "x\nakka.loglevel = DEBUG"));

    [Fact]
    public void A_missing_file_of_the_user_is_named()
    {
        var path = Path.Combine(folder, "absent.hocon");
        var error = Assert.Throws<UserErrorException>(() => new HoconFiles(folder).Compose([], path, new NodeValues()));
        Assert.Equal($"The settings file {path} is missing. Give --hocon a file that is there.", error.Message);
    }

    [Fact]
    public void A_missing_file_of_the_program_is_named() =>
        Assert.Contains(Path.Combine(folder, "base.hocon"), Assert.Throws<UserErrorException>(() => new HoconFiles(folder).Load("base")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a { b = 1\n", ":1: '{' is never closed.")]
    [InlineData("a = 1\nb = [1, 2", ":2: '[' is never closed.")]
    [InlineData("a = 1\n\nb = \"no end\n", ":3: a quote is never closed.")]
    [InlineData("a = \"\"\"no end", ":1: a quote is never closed.")]
    [InlineData("# }\n} a = 1", ":2: '}' closes nothing.")]
    [InlineData("a = [1 }", ":1: '}' closes nothing.")]
    [InlineData("a { b = ${nowhere} }", " is not valid HOCON: ")]
    public void A_file_that_is_no_HOCON_is_named_with_the_reason(string text, string reason)
    {
        var path = Write("broken.hocon", text);
        var error = Assert.Throws<UserErrorException>(() => new HoconFiles(folder).Compose([], path, new NodeValues()));
        Assert.StartsWith(path + reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Brackets_in_comments_and_quotes_count_for_nothing() =>
        Assert.Equal("{[", new HoconFiles(folder).Compose([], Write("fine.hocon", "# {\n// [ \"\na = \"{[\" # }\nb = \"\"\"\n}\"\"\"\nc = \"\\\"{\""), new NodeValues()).GetString("a"));

    [Fact]
    public void Every_file_that_is_shipped_can_be_read()
    {
        var shipped = Directory.GetFiles(Path.Combine(Fixtures.Root, "../../hocon"), "*.hocon").Select(Path.GetFileNameWithoutExtension).ToList();
        Assert.Superset(new HashSet<string?> { "base", "coordinator", "worker", "embedded", "sqlite" }, shipped.ToHashSet());
        Assert.All(shipped, name => Assert.False(new HoconFiles(Path.Combine(Fixtures.Root, "../../hocon")).Load(name!).IsEmpty));
    }

    [Fact]
    public void An_empty_file_is_allowed() =>
        Assert.Equal("x", new HoconFiles(folder).Compose([], Write("empty.hocon", "\n"), new NodeValues().Set("a", "x")).GetString("a"));

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
