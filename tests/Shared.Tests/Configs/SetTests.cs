namespace ClusterBench.Tests.Configs;

public sealed class SetTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.x=5", """{"a":{"x":5},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a.x=1e-3", """{"a":{"x":0.001},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a.x=", """{"a":{"x":null},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a.x=b=c", """{"a":{"x":"b=c"},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a.x=[1, two]", """{"a":{"x":[1,"two"]},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a={y: 2}", """{"a":{"x":1,"y":2},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("a={_delete_: true, y: 2}", """{"a":{"y":2},"l":[{"s":1},{"s":2}]}""")]
    [InlineData("l.1.s=7", """{"a":{"x":1},"l":[{"s":1},{"s":7}]}""")]
    [InlineData("l.0=7", """{"a":{"x":1},"l":[7,{"s":2}]}""")]
    [InlineData("l=7", """{"a":{"x":1},"l":7}""")]
    [InlineData("new.key.here=yes", """{"a":{"x":1},"l":[{"s":1},{"s":2}],"new":{"key":{"here":true}}}""")]
    public void A_set_changes_one_place(string set, string json) => Assert.Equal(json, _folder.JsonOf("a: {x: 1}\nl: [{s: 1}, {s: 2}]", set));

    [Fact]
    public void The_last_set_of_a_key_wins() => Assert.Equal("""{"a":3}""", _folder.JsonOf("a: 1", "a=2", "a=3"));

    [Theory]
    [InlineData("a", "--set  'a' is not of the form key.path=value")]
    [InlineData("=1", "--set  '=1' is not of the form key.path=value")]
    [InlineData("a..b=1", "--set  'a..b=1' is not of the form key.path=value")]
    [InlineData("l.2=1", "--set  l.2: no such item: the list's items are 0 to 1")]
    [InlineData("l.-1=1", "--set  l.-1: no such item: the list's items are 0 to 1")]
    [InlineData("l.first.x=1", "--set  l.first: no such item: the list's items are 0 to 1")]
    [InlineData("empty.0=1", "--set  empty.0: no such item: the list is empty")]
    [InlineData("a.x.y=1", "--set  a.x: has no keys: it is the number 1 at a.yaml:1:8")]
    public void A_set_that_does_not_fit_is_an_error(string set, string error) => Assert.Equal(error, _folder.ErrorOf("a: {x: 1}\nl: [1, 2]\nempty: []", set));

    [Fact]
    public void A_value_that_is_not_YAML_is_an_error_of_the_option() =>
        Assert.StartsWith("--set  is not YAML", _folder.ErrorOf("a: 1", "a=[1, 2"), StringComparison.Ordinal);
}
