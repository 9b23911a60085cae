using System.Text;

namespace ClusterBench.Configs;

/// <summary>A config's text and what the user should know about it.</summary>
public sealed record ShownConfig(string Text, IReadOnlyList<string> Notes);

/// <summary>The text of <c>config show</c>.</summary>
public static class ConfigShow
{
    public static readonly IReadOnlyList<string> Formats = ["yaml", "json"];

    /// <summary>
    /// The config after bases, merging, <c>--set</c> and aliases. It is checked first: a benchmark config (its model is a classifier) for
    /// the benchmark that fits, a self-supervised config for what benchmarks need of it, another as a dataset config.
    /// </summary>
    /// <param name="format"><c>yaml</c> or <c>json</c>; both keep the types of values.</param>
    /// <param name="raw">As read: neither aliases nor checks.</param>
    /// <exception cref="ConfigException">The config is wrong.</exception>
    public static ShownConfig Render(string path, string format = "yaml", bool raw = false, IReadOnlyList<string>? sets = null, string? programRoot = null)
    {
        var errors = new ConfigErrors();
        if (!Formats.Contains(format, StringComparer.Ordinal))
        {
            errors.AddUnknown(ConfigPosition.Of("--format"), "", $"unknown format '{format}'", format, Formats);
        }
        var loaded = ConfigLoader.Load(path, ConfigPosition.Of(path), "", programRoot, ConfigSet.Parse(sets ?? [], errors), raw, errors);
        var notes = loaded?.Notes.ToList() ?? [];
        if (loaded is not null && !raw)
        {
            Check(loaded, notes, errors);
        }
        errors.ThrowIfAny();
        return new ShownConfig(format == "json" ? TreeJson.Write(loaded!.Tree) : TreeYaml.Write(loaded!.Tree), notes);
    }

    private static void Check(LoadedConfig loaded, List<string> notes, ConfigErrors errors)
    {
        var tree = loaded.Tree;
        if (ModelSchema.IsClassifier(tree))
        {
            BenchmarkSchema.Read(tree, loaded.Path, BenchmarkPurpose.Fitting(tree), notes, errors);
        }
        else if (tree.Find("model") is not null)
        {
            SelfsupSchema.Read(tree, errors);
        }
        else if (tree.Find("data") is not null)
        {
            DatasetSchema.Read(tree, [], notes, errors);
        }
        else
        {
            errors.Add(tree.At, "", "has neither 'model' (a self-supervised config) nor 'data' (a dataset config); --raw shows it as it is");
        }
    }
}
