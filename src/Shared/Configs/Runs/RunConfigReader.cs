namespace ClusterBench.Configs;

/// <summary>Reads a canonical text back. Nothing may be missing: a resolved config leaves nothing to defaults.</summary>
internal static class RunConfigReader
{
    /// <summary>Keys of a run that stand in no config.</summary>
    private static readonly string[] OfTheRun = ["benchmark", "threads", "device", "seed", "allow_partial", "precision"];

    /// <returns>Null with an error.</returns>
    public static RunConfig? Read(MapReader root, ConfigMap map)
    {
        var benchmark = root.Name("benchmark", ["knn", "features", .. BenchmarkPurpose.Benchmarks], "benchmark", required: true);
        var run = new RunConfig
        {
            Benchmark = benchmark ?? "",
            Threads = root.Int("threads", min: 1, required: true) ?? 1,
            Device = root.Name("device", ["cpu", "cuda"], "device", required: true) ?? "cpu",
            Seed = root.Int("seed", min: 0, required: true) ?? 0,
            AllowPartial = root.Take("allow_partial", required: true) is not null && root.Bool("allow_partial") == true,
            Precision = root.Name("precision", BenchmarkPurpose.Trains(benchmark) ? PrecisionSchema.Resolved : DatasetSchema.Precisions, "precision", required: true) ?? "",
            Backbone = null!,
            Data = null!,
            BatchSize = 0,
            Pool = "gap",
            Features = [],
            Reduction = "",
        };
        return BenchmarkPurpose.Trains(benchmark) ? Training(run, map, root) : Extraction(run, root);
    }

    private static RunConfig? Training(RunConfig run, ConfigMap map, MapReader root)
    {
        var sections = BenchmarkSchema.Read(map.Without(OfTheRun), "", new BenchmarkPurpose(run.Benchmark, null, FromScratch: false), [], root.Errors);
        if (root.Errors.Any)
        {
            return null;
        }
        var config = run with
        {
            Backbone = sections.Backbone!,
            Data = sections.Data.Sets,
            BatchSize = sections.EvaluationBatch!.Value,
            Features = [sections.Training!.Head.Feature],
            Training = sections.Training,
            Reduction = sections.Reduction ?? "",
        };
        // A config's schema has defaults; what was left to them here, or stands besides, shows as another text.
        string[] changed = YamlReader.Read(RunConfigText.Write(config), "", root.Errors) is ConfigMap whole ? [.. Changed(whole, map)] : [];
        if (changed.Length > 0)
        {
            root.Errors.Add(root.At, "", $"is no resolved config of a run: {string.Join(", ", changed)} {(changed.Length == 1 ? "is" : "are")} not as it was written");
        }
        return config;
    }

    /// <summary>The top-level keys with another value.</summary>
    private static IEnumerable<string> Changed(ConfigMap whole, ConfigMap map)
    {
        var keys = whole.Entries.Select(e => e.Key).Concat(map.Entries.Select(e => e.Key)).Distinct(StringComparer.Ordinal);
        return keys.Where(k => Text(whole, k) != Text(map, k));

        static string Text(ConfigMap tree, string key) => tree.Find(key) is { } entry ? TreeJson.Write(new ConfigMap(tree.At, [entry])) : "";
    }

    private static RunConfig? Extraction(RunConfig run, MapReader root)
    {
        var model = root.Map("model", required: true);
        var backbone = model?.Map("backbone", required: true) is { } b ? BackboneSchema.Read(b) : null;
        model?.Done();
        var data = DatasetSchema.Read(root, []);
        root.Done();
        if (data.Features is { } features && backbone is not null)
        {
            RunOptionsCheck.CheckFeatures(features, backbone, run.Benchmark == "knn", root.Place("features"), "features", root.Errors);
        }
        foreach (var missing in Missing(data, run.Benchmark))
        {
            root.Errors.Add(root.At, missing, "is missing");
        }
        return root.Errors.Any ? null : run with
        {
            Backbone = backbone!,
            Data = data.Data,
            BatchSize = data.BatchSize!.Value,
            Pool = data.Pool!,
            Features = data.Features!,
            Knn = data.K is null ? null : new KnnConfig { K = data.K, Temperature = data.Temperature!.Value },
            Reduction = data.Reduction!,
        };
    }

    /// <summary>A dataset config may leave these to defaults; a resolved one may not.</summary>
    private static IEnumerable<string> Missing(DatasetSections data, string benchmark) => new (string Key, bool Absent)[]
    {
        ("pool", data.Pool is null),
        ("features", data.Features is null),
        ("reduction", data.Reduction is null),
        ("knn.k", benchmark == "knn" && data.K is null),
        ("knn.temperature", (benchmark == "knn" || data.K is not null) && data.Temperature is null),
        ("data.train or data.val", data.Data.Count == 0),
    }.Where(m => m.Absent).Select(m => m.Key);
}
