using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class BaseAndMergeTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mappings_merge_key_by_key_and_everything_else_replaces()
    {
        _folder.Write("base.yaml", "a: {x: 1, y: [1, 2], z: {p: 1, q: 2}}\nb: 5\nc: null");
        _folder.Write("child.yaml", "_base_: base.yaml\na: {y: [3], z: {q: 7, r: 8}}\nb: text\nd: 4");
        Assert.Equal("""{"a":{"x":1,"y":[3],"z":{"p":1,"q":7,"r":8}},"b":"text","c":null,"d":4}""", _folder.Json("child.yaml"));
    }

    [Fact]
    public void Bases_are_found_from_the_file_that_names_them_and_may_have_bases()
    {
        _folder.Write("models/common.yaml", "model: {depth: 18}");
        _folder.Write("models/r50.yaml", "_base_: common.yaml\nmodel: {depth: 50}");
        _folder.Write("schedule.yaml", "runner: {max_epochs: 1}");
        _folder.Write("runs/a.yaml", "_base_: [../models/r50.yaml, ../schedule.yaml]\nrunner: {max_epochs: 9}");
        Assert.Equal("""{"model":{"depth":50},"runner":{"max_epochs":9}}""", _folder.Json("runs/a.yaml"));
        Assert.Equal(["runs/a.yaml", "models/r50.yaml", "models/common.yaml", "schedule.yaml"],
            ConfigLoader.Load(_folder.At("runs/a.yaml")).Files.Select(f => Path.GetRelativePath(_folder.Root, f)));
    }

    [Fact]
    public void Delete_drops_what_the_base_has_there()
    {
        _folder.Write("base.yaml", "head: {type: ClsHead, in_channels: 2048}\nkeep: {x: 1}");
        _folder.Write("child.yaml", "_base_: base.yaml\nhead: {_delete_: true, type: MultiClsHead}\nkeep: {_delete_: false, y: 2}\nnew: {_delete_: true, z: 3}");
        Assert.Equal("""{"head":{"type":"MultiClsHead"},"keep":{"x":1,"y":2},"new":{"z":3}}""", _folder.Json("child.yaml"));
    }

    [Fact]
    public void A_mapping_over_a_value_needs_delete()
    {
        _folder.Write("base.yaml", "fp16:\n  loss_scale: dynamic");
        _folder.Write("child.yaml", "_base_: base.yaml\nfp16:\n  loss_scale:\n    init: 512");
        Assert.Equal("child.yaml:4:5  fp16.loss_scale: is a mapping here but the text 'dynamic' at base.yaml:2:15; add '_delete_: true' to replace it",
            _folder.Error(() => _folder.Json("child.yaml")));
    }

    [Fact]
    public void Two_bases_may_not_share_a_key()
    {
        _folder.Write("one.yaml", "a: 1\nb: 1");
        _folder.Write("two.yaml", "c: 1\nb: 2");
        _folder.Write("child.yaml", "_base_: [one.yaml, two.yaml]");
        Assert.Equal("two.yaml:2:1  b: stands in two bases of child.yaml, also at one.yaml:2:1; leave it in one", _folder.Error(() => _folder.Json("child.yaml")));
    }

    [Fact]
    public void A_circle_of_bases_is_refused()
    {
        _folder.Write("a.yaml", "_base_: b.yaml");
        _folder.Write("b.yaml", "x: 1\n_base_: [a.yaml]");
        Assert.Equal("b.yaml:2:10  _base_: goes in a circle: a.yaml -> b.yaml -> a.yaml", _folder.Error(() => _folder.Json("a.yaml")));
    }

    [Fact]
    public void An_endless_chain_of_bases_is_refused()
    {
        for (var i = 0; i < 40; i++)
        {
            _folder.Write($"c{i}.yaml", $"_base_: c{i + 1}.yaml");
        }
        Assert.Equal("c31.yaml:1:9  _base_: makes a chain of more than 32 files",
            _folder.Error(() => _folder.Json("c0.yaml")));
    }

    [Fact]
    public void Every_missing_base_and_every_wrong_mark_is_reported_at_once()
    {
        _folder.Write("a.yaml", "_base_: [one.yaml, 7, two.yaml]\n_delete_: true\nx: {_delete_: 1}");
        Assert.Equal(
            [
                "a.yaml:1:10  _base_: there is no file 'one.yaml'",
                "a.yaml:1:20  _base_: must be a path or a list of paths, is the number 7",
                "a.yaml:1:23  _base_: there is no file 'two.yaml'",
                "a.yaml:2:1  _delete_: belongs into a mapping inside the config; to drop everything leave '_base_' out",
                "4 errors in the config; nothing was started.",
            ],
            _folder.Errors(() => _folder.Json("a.yaml")));
    }

    [Fact]
    public void A_python_config_that_is_absent_means_the_yaml_beside_it()
    {
        _folder.Write("r50.yaml", "model: {depth: 50}");
        _folder.Write("child.yaml", "_base_: r50.py");
        Assert.Equal("""{"model":{"depth":50}}""", _folder.Json("child.yaml"));
        var note = Assert.Single(ConfigLoader.Load(_folder.At("r50.py")).Notes);
        Assert.Equal("r50.py is not there; r50.yaml is taken", note.Replace(_folder.Root + "/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_python_config_that_exists_is_refused()
    {
        _folder.Write("r50.py", "model = dict(depth=50)");
        Assert.Equal("r50.py  'r50.py' is a Python config; only YAML configs are read: write it as 'r50.yaml' (docs/configs.md shows how)",
            _folder.Error(() => ConfigLoader.Load(_folder.At("r50.py"))));
    }

    [Fact]
    public void A_missing_config_and_a_folder_say_so()
    {
        Assert.Equal("none.yaml  there is no file 'none.yaml'", _folder.Error(() => ConfigLoader.Load(_folder.At("none.yaml"))));
        Assert.Equal($"{_folder.Root}  '{_folder.Root}' is a folder; name a config file in it", _folder.Error(() => ConfigLoader.Load(_folder.Root)));
    }
}
