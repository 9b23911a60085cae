using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class YamlReadingTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-12", "-12")]
    [InlineData("1_000", "1000")]
    [InlineData("0x1F", "31")]
    [InlineData("0b101", "5")]
    [InlineData("010", "8")]
    [InlineData("0", "0")]
    [InlineData("08", "\"08\"")]
    [InlineData("-.5", "-0.5")]
    [InlineData("1.0", "1.0")]
    [InlineData("30.", "30.0")]
    [InlineData(".5", "0.5")]
    [InlineData("1e-4", "0.0001")]
    [InlineData("5e-05", "5e-05")]
    [InlineData("1.5E3", "1500.0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("yes", "true")]
    [InlineData("off", "false")]
    [InlineData("True", "true")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("1:30", "\"1:30\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("2001-12-14", "\"2001-12-14\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("!!float 3", "3.0")]
    [InlineData("n", "\"n\"")]
    [InlineData("SyncBN", "\"SyncBN\"")]
    [InlineData("{}", "{}")]
    [InlineData("!!python/tuple [1, 2]", "[1,2]")]
    public void A_value_has_the_type_that_PyYAML_gives_it_but_exponents_and_signs_make_floats(string yaml, string json) =>
        Assert.Equal($$"""{"a":{{json}}}""", _folder.JsonOf($"a: {yaml}"));

    [Fact]
    public void Anchors_and_merge_keys_work() =>
        Assert.Equal("""{"base":{"x":1,"y":2},"a":{"x":1,"y":3,"z":4},"b":{"x":1,"y":2}}""",
            _folder.JsonOf("base: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3\n  z: 4\nb: *b"));

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", "a.yaml:3:1  a: the key stands twice (first at line 1); keep one")]
    [InlineData("a:\n  b: 1\n  'b': 2", "a.yaml:3:3  a.b: the key stands twice (first at line 2); keep one")]
    [InlineData("a: [1, {c: 1, c: 2}]", "a.yaml:1:15  a.1.c: the key stands twice (first at line 1); keep one")]
    [InlineData("- 1", "a.yaml:1:1  a config is a mapping of keys, not a list of 1")]
    [InlineData("", "a.yaml:1:1  a config is a mapping of keys, not null")]
    [InlineData("a: 1\n---\nb: 2", "a.yaml:2:1  a second document starts here; a config is one document")]
    [InlineData("a: !!python/object/apply:os.system [ls]", "a.yaml:1:4  a: the tag 'tag:yaml.org,2002:python/object/apply:os.system' cannot be read here; write the value without it")]
    [InlineData("a: !thing 1", "a.yaml:1:4  a: the tag '!thing' cannot be read here; write the value without it")]
    [InlineData("a: 9223372036854775808", "a.yaml:1:4  a: is a whole number beyond 64 bits")]
    [InlineData("a: &x [*x]", "a.yaml:1:8  a.0: the alias '*x' names no finished anchor")]
    [InlineData("{[1]: 2}", "a.yaml:1:2  a key must be a single name")]
    [InlineData("a:\n  <<: 3", "a.yaml:2:3  a: '<<' takes a mapping or a list of mappings, not the number 3")]
    public void What_cannot_be_a_config_is_refused_with_its_place(string yaml, string error) => Assert.Equal(error, _folder.ErrorOf(yaml));

    [Theory]
    [InlineData("a: [1, 2")]
    [InlineData("a: b: c")]
    [InlineData("a: 'x")]
    [InlineData("a:\n\t- 1")]
    [InlineData("a: *missing")]
    public void A_syntax_error_names_line_and_column(string yaml) => Assert.Matches(@"^a\.yaml:\d+:\d+  ", _folder.ErrorOf(yaml));

    [Theory]
    [InlineData("[", 200_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 200_000)]
    public void Deep_nesting_is_an_error_and_not_the_end_of_the_process(string open, int times) =>
        Assert.Contains("is nested deeper than 64 levels", _folder.ErrorOf(string.Concat(Enumerable.Repeat(open, times))), StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_unfold_to_millions_are_refused()
    {
        var lines = Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");
        Assert.Contains("unfolds to more than 100000 values", _folder.ErrorOf("a0: &a0 [1]\n" + string.Join('\n', lines)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_to_be_a_config_is_refused() =>
        Assert.Equal($"a.yaml  has {(1 << 20) + 4} characters; a config may have {1 << 20}", _folder.ErrorOf("# " + new string('x', 1 << 20) + "\n\n"));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        File.WriteAllBytes(_folder.At("a.yaml"), [0x61, 0x3A, 0x20, 0xFF, 0xFE]);
        Assert.Equal("a.yaml  is not text in UTF-8", _folder.Error(() => _folder.Json("a.yaml")));
    }
}
