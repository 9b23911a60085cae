using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

/// <summary>A folder of config files for one test; what the loader says about it is shown without the folder's own path.</summary>
internal sealed class ConfigFolder : IDisposable
{
    /// <summary>A backbone and a dataset config that are right, for tests that change one thing.</summary>
    public const string Selfsup = """
        model:
          backbone:
            type: ResNet
            depth: 50
        """;

    public const string Dataset = """
        data:
          imgs_per_gpu: 8
          train: &images
            data_source: {type: ImageNet, list_file: data/list.txt, root: data/images}
            pipeline:
              - {type: Resize, size: 256}
              - {type: CenterCrop, size: 224}
              - {type: ToTensor}
              - {type: Normalize, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}
          val: *images
        """;

    public static string ProgramRoot { get; } = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", ".."));

    public string Root { get; } = Directory.CreateTempSubdirectory("clusterbench-configs-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>The resolved tree as compact JSON, without schema.</summary>
    public string Json(string name, params string[] sets) =>
        System.Text.Json.Nodes.JsonNode.Parse(ConfigShow.Render(At(name), "json", raw: true, sets).Text)!.ToJsonString();

    /// <summary>Writes one file and resolves it.</summary>
    public string JsonOf(string text, params string[] sets)
    {
        Write("a.yaml", text);
        return Json("a.yaml", sets);
    }

    public RunConfigRequest Request(string selfsup = Selfsup, string dataset = Dataset, params string[] sets) => new()
    {
        Benchmark = "knn",
        Config = Write("selfsup.yaml", selfsup),
        DatasetConfig = Write("dataset.yaml", dataset),
        ProgramRoot = Root,
        Sets = sets,
        Threads = 1,
        Device = "cpu",
    };

    /// <summary>The lines of the error, the last ("N errors ...") included.</summary>
    public string[] Errors(Action action)
    {
        var error = Assert.Throws<ConfigException>(action);
        Assert.Equal(2, error.ExitCode);
        return error.Message.Replace(Root + "/", "", StringComparison.Ordinal).Split('\n');
    }

    /// <summary>The one error there is, without the closing line.</summary>
    public string Error(Action action)
    {
        var lines = Errors(action);
        Assert.Equal("1 error in the config; nothing was started.", lines[^1]);
        return string.Join('\n', lines[..^1]);
    }

    public string ErrorOf(string text, params string[] sets)
    {
        Write("a.yaml", text);
        return Error(() => Json("a.yaml", sets));
    }

    /// <summary>What a run of both configs complains about.</summary>
    public string[] BuildErrors(string selfsup = Selfsup, string dataset = Dataset, params string[] sets)
    {
        var request = Request(selfsup, dataset, sets);
        return Errors(() => RunConfigBuilder.Build(request));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
