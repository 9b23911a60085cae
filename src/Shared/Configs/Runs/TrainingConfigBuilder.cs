namespace ClusterBench.Configs;

/// <summary>Brings the one config of <c>linear</c> or <c>finetune</c> and the options together.</summary>
internal static class TrainingConfigBuilder
{
    /// <exception cref="ConfigException">With everything that is wrong in the config and in the options.</exception>
    public static BuiltRunConfig Build(RunConfigRequest request)
    {
        var errors = new ConfigErrors();
        var notes = new List<string>();
        var sets = ConfigSet.Parse(request.Sets, errors);
        var loaded = ConfigLoader.Load(request.Config, ConfigPosition.Of(request.Config), "", request.ProgramRoot, sets, raw: false, errors);
        notes.AddRange(loaded?.Notes ?? []);
        var device = RunOptionsCheck.Device(request, errors);
        RunOptionsCheck.CheckThreadsAndSeed(request, errors);
        var purpose = new BenchmarkPurpose(request.Benchmark, device, request.FromScratch);
        var sections = loaded is null ? null : BenchmarkSchema.Read(loaded.Tree, loaded.Path, purpose, notes, errors);
        errors.ThrowIfAny();

        var training = sections!.Training!;
        var located = new DataLocations(request.DataRoot, request.ProgramRoot);
        var config = new RunConfig
        {
            Benchmark = request.Benchmark,
            Backbone = sections.Backbone!,
            Data = sections.Data.Sets.ToDictionary(d => d.Key, d => located.Place(d.Value), StringComparer.Ordinal),
            BatchSize = sections.EvaluationBatch!.Value,
            Pool = "gap",
            Features = [training.Head.Feature],
            Training = training,
            Threads = request.Threads ?? Math.Max(1, request.Cores / training.VirtualRanks),
            Precision = sections.Precision,
            Reduction = sections.Reduction ?? RunOptionsCheck.DefaultReduction(device),
            Device = device,
            Seed = request.Seed,
            AllowPartial = request.AllowPartial,
        };
        notes.AddRange(located.Notes(config.Data.Values));
        notes.AddRange(RunConfigBuilder.WithoutNormalize(config, loaded!.Path));
        return new BuiltRunConfig(config, loaded.Path, null, null, loaded.Files, notes);
    }
}
