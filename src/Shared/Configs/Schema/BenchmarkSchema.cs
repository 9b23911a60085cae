namespace ClusterBench.Configs;

/// <summary>What a benchmark config says, checked; what was wrong is null.</summary>
internal sealed record BenchmarkSections
{
    public BackboneConfig? Backbone { get; init; }
    public required TrainingDataSections Data { get; init; }
    public int? EvaluationBatch { get; init; }
    public TrainingConfig? Training { get; init; }
    public required string Precision { get; init; }
    public string? Reduction { get; init; }
}

/// <summary>
/// Checks the one config of <c>linear</c> and <c>finetune</c>: model, data, optimizer, schedule and all. Every key that upstream's
/// benchmark configs have is known; what has an effect here is typed, what has none is said, and what is not built yet is an error.
/// </summary>
internal static class BenchmarkSchema
{
    private const int MaxRanks = 4096;

    /// <param name="name">The config's file: its name says over how many GPUs the batch is spread.</param>
    public static BenchmarkSections Read(ConfigMap tree, string name, BenchmarkPurpose purpose, List<string> notes, ConfigErrors errors)
    {
        var root = new MapReader(tree, "", errors);
        var (backbone, head) = ModelSchema.Read(root, purpose);
        var data = TrainingDataSchema.Read(root);
        var optimizer = OptimizerSchema.Read(root);
        var schedule = ScheduleSchema.Read(root);
        var runner = RunnerSchema.Read(root);
        var ranks = Ranks(root, name, data.ImagesPerRank, notes);
        root.Name("pool", ["gap"], "pool for linear and finetune");
        var precision = PrecisionSchema.Read(root, purpose, notes);
        var reduction = root.Name("reduction", DatasetSchema.Reductions, "reduction");
        WithoutEffectSchema.Read(root, notes);
        root.Done();
        return new BenchmarkSections
        {
            Backbone = backbone,
            Data = data,
            EvaluationBatch = runner.EvaluationBatch ?? data.ImagesPerRank,
            Precision = precision,
            Reduction = reduction,
            Training = ranks is null || head is null || optimizer is null || schedule is null || runner.Epochs is null || data.ImagesPerRank is null ? null : new TrainingConfig
            {
                VirtualRanks = ranks.Value,
                ImagesPerRank = data.ImagesPerRank.Value,
                DropLast = data.DropLast,
                Epochs = runner.Epochs.Value,
                FrozenBackbone = purpose.Frozen,
                Head = head,
                Optimizer = optimizer,
                Schedule = schedule,
                LogInterval = runner.LogInterval,
                EvaluationInterval = runner.EvaluationInterval,
                CheckpointEpochs = runner.CheckpointEpochs,
                CheckpointsKept = runner.CheckpointsKept,
            },
        };
    }

    private static int? Ranks(MapReader root, string name, int? images, List<string> notes)
    {
        var named = BatchName.Of(name);
        var ranks = root.Take("virtual_ranks") is null ? named?.Ranks ?? 1 : root.Int("virtual_ranks", min: 1, max: MaxRanks);
        if (ranks is { } v && images is { } i && named?.Contradiction(v, i) is { } warning)
        {
            notes.Add($"{name}: warning: {warning}");
        }
        return ranks;
    }
}
