using System.Text.Json;
using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class ConfigShowTests : IDisposable
{
    private const string Types = """
        float: 30.
        whole: 30
        small: 1e-5
        yes: on
        none: ~
        text: '1e-5'
        regex: (bn|ln|gn)(\d+)?.(weight|bias)
        empty: {}
        list: [1, 2.0, [three, "4"]]
        nested:
          - type: Pad
            padding: 2
          - [{a: 1}]
        """;

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void JSON_keeps_the_types()
    {
        var text = ConfigShow.Render(_folder.Write("a.yaml", Types), "json", raw: true).Text;
        using var json = JsonDocument.Parse(text);
        Assert.Equal("30.0", json.RootElement.GetProperty("float").GetRawText());
        Assert.Equal("30", json.RootElement.GetProperty("whole").GetRawText());
        Assert.Equal("1e-05", json.RootElement.GetProperty("small").GetRawText());
        Assert.Equal(JsonValueKind.True, json.RootElement.GetProperty("yes").ValueKind);
        Assert.Equal("\"1e-5\"", json.RootElement.GetProperty("text").GetRawText());
        Assert.Equal(@"(bn|ln|gn)(\d+)?.(weight|bias)", json.RootElement.GetProperty("regex").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("none").ValueKind);
    }

    [Fact]
    public void YAML_reads_back_as_the_same_tree()
    {
        var shown = ConfigShow.Render(_folder.Write("a.yaml", Types), raw: true).Text;
        _folder.Write("b.yaml", shown);
        Assert.Equal(_folder.Json("a.yaml"), _folder.Json("b.yaml"));
        Assert.Equal(shown, ConfigShow.Render(_folder.At("b.yaml"), raw: true).Text);
    }

    [Fact]
    public void A_dataset_config_is_shown_after_base_merge_set_and_aliases()
    {
        _folder.Write("base.yaml", ConfigFolder.Dataset);
        var child = _folder.Write("child.yaml", "_base_: base.yaml\ndata: {samples_per_gpu: 4}");
        var shown = ConfigShow.Render(child, sets: ["data.val.pipeline.0.size=300"]);
        Assert.Equal("""
            data:
              imgs_per_gpu: 4
              train:
                data_source:
                  type: ImageNet
                  list_file: data/list.txt
                  root: data/images
                pipeline:
                  - type: Resize
                    size: 256
                  - type: CenterCrop
                    size: 224
                  - type: ToTensor
                  - type: Normalize
                    mean: [0.5, 0.5, 0.5]
                    std: [0.5, 0.5, 0.5]
              val:

            """, shown.Text[..(shown.Text.IndexOf("  val:", StringComparison.Ordinal) + 7)]);
        Assert.Contains("size: 300", shown.Text, StringComparison.Ordinal);
        Assert.EndsWith("'samples_per_gpu' is read as 'imgs_per_gpu'", Assert.Single(shown.Notes), StringComparison.Ordinal);
        Assert.Contains("samples_per_gpu: 4", ConfigShow.Render(child, raw: true).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_config_is_shown_raw_only()
    {
        var path = _folder.Write("a.yaml", "data: {imgs_per_gpux: 4}");
        Assert.Equal(3, _folder.Errors(() => ConfigShow.Render(path)).Length);
        Assert.Equal("data:\n  imgs_per_gpux: 4\n", ConfigShow.Render(path, raw: true).Text);
        Assert.Equal("b.yaml:1:1  has neither 'model' (a self-supervised config) nor 'data' (a dataset config); --raw shows it as it is",
            _folder.Error(() => ConfigShow.Render(_folder.Write("b.yaml", "a: 1"))));
        Assert.Equal("--format  unknown format 'yml'; did you mean 'yaml'?", _folder.Error(() => ConfigShow.Render(path, "yml", raw: true)));
    }
}
