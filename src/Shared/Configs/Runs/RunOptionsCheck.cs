namespace ClusterBench.Configs;

/// <summary>Lays options over what the dataset config says and checks both together.</summary>
internal static class RunOptionsCheck
{
    /// <returns>A config whose backbone, data and batch size are still to come.</returns>
    public static RunConfig Apply(RunConfigRequest request, DatasetSections data, BackboneConfig? backbone, ConfigErrors errors)
    {
        string[] benchmarks = ["knn", "features"];
        var benchmark = Option("benchmark", request.Benchmark, benchmarks, errors) ?? "knn";
        var device = Device(request, errors);
        CheckThreadsAndSeed(request, errors);
        return new RunConfig
        {
            Benchmark = benchmark,
            Backbone = backbone!,
            Data = data.Data,
            BatchSize = data.BatchSize ?? 0,
            Pool = data.Pool ?? "gap",
            Features = Features(request, data, backbone, benchmark, errors),
            Knn = benchmark == "knn" ? Knn(request, data, errors) : null,
            Threads = request.Threads ?? request.Cores,
            Precision = Option("--precision", request.Precision, DatasetSchema.Precisions, errors) ?? data.Precision ?? "fp32",
            Reduction = Option("--reduction", request.Reduction, DatasetSchema.Reductions, errors) ?? data.Reduction ?? DefaultReduction(device),
            Device = device,
            Seed = request.Seed,
            AllowPartial = request.AllowPartial,
        };
    }

    public static string Device(RunConfigRequest request, ConfigErrors errors) => Option("--device", request.Device, ["cpu", "cuda"], errors) ?? "cpu";

    public static string DefaultReduction(string device) => device == "cpu" ? "exact" : "fast";

    public static void CheckThreadsAndSeed(RunConfigRequest request, ConfigErrors errors)
    {
        if (request.Threads < 1)
        {
            errors.Add(ConfigPosition.Of("--threads"), "", $"must be at least 1, is {request.Threads}");
        }
        if (request.Seed < 0)
        {
            errors.Add(ConfigPosition.Of("--seed"), "", $"must be at least 0, is {request.Seed}");
        }
    }

    /// <summary>Each exists in the backbone and stands once; kNN compares by exactly one.</summary>
    public static void CheckFeatures(IReadOnlyList<string> features, BackboneConfig backbone, bool one, ConfigPosition at, string path, ConfigErrors errors)
    {
        var valid = ResNetShape.Of(backbone).FeatureWidths.Keys.ToList();
        foreach (var name in features.Where(f => !valid.Contains(f, StringComparer.Ordinal)))
        {
            errors.Add(at, path, $"{backbone.Type} has no feature '{name}'; valid: {string.Join(", ", valid)}");
        }
        foreach (var twice in features.GroupBy(f => f, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            errors.Add(at, path, $"holds {twice.Key} more than once; keep one");
        }
        if (features.Count == 0 || (one && features.Count > 1))
        {
            errors.Add(at, path, one ? $"knn compares by one feature, not {features.Count}" : "is empty; give at least one feature, e.g. feat5");
        }
    }

    private static IReadOnlyList<string> Features(RunConfigRequest request, DatasetSections data, BackboneConfig? backbone, string benchmark, ConfigErrors errors)
    {
        var features = request.Features ?? data.Features ?? ["feat5"];
        if (backbone is not null)
        {
            var (at, path) = request.Features is null ? (data.FeaturesAt, "features") : (ConfigPosition.Of("--features"), "");
            CheckFeatures(features, backbone, one: benchmark == "knn", at, path, errors);
        }
        return features;
    }

    private static KnnConfig Knn(RunConfigRequest request, DatasetSections data, ConfigErrors errors)
    {
        if (request.K is not null)
        {
            KnnSchema.CheckK(request.K, ConfigPosition.Of("--k"), "", errors);
        }
        if (request.Temperature is { } temperature)
        {
            KnnSchema.CheckTemperature(temperature, ConfigPosition.Of("--temperature"), "", errors);
        }
        return new KnnConfig
        {
            K = request.K ?? data.K ?? KnnSchema.DefaultK,
            Temperature = request.Temperature ?? data.Temperature ?? KnnSchema.DefaultTemperature,
        };
    }

    private static string? Option(string option, string? value, IReadOnlyList<string> known, ConfigErrors errors)
    {
        if (value is null || known.Contains(value, StringComparer.Ordinal))
        {
            return value;
        }
        errors.AddUnknown(ConfigPosition.Of(option), "", $"unknown value '{value}'", value, known);
        return null;
    }
}
