namespace ClusterBench.Configs;

/// <summary>How long a run trains, and when it evaluates, keeps a checkpoint and writes a line of its log.</summary>
internal sealed record RunnerSections(int? Epochs, int? EvaluationBatch, int EvaluationInterval, int CheckpointEpochs, int CheckpointsKept, int LogInterval);

/// <summary>Checks <c>runner</c>, <c>evaluation</c>, <c>checkpoint_config</c> and <c>log_config</c>.</summary>
internal static class RunnerSchema
{
    private const int MaxBatch = 65536;

    /// <summary>Log hooks of mmcv; text and TensorBoard files are always written.</summary>
    private static readonly string[] Hooks =
        ["TextLoggerHook", "TensorboardLoggerHook", "WandbLoggerHook", "MlflowLoggerHook", "NeptuneLoggerHook", "ClearMLLoggerHook", "DvcliveLoggerHook", "PaviLoggerHook"];

    public static RunnerSections Read(MapReader root)
    {
        var epochs = Epochs(root);
        var (interval, batch) = Evaluation(root);
        var (kept, every) = Checkpoints(root);
        return new RunnerSections(epochs, batch, interval, every, kept, Log(root));
    }

    private static int? Epochs(MapReader root)
    {
        if (root.Map("runner", required: true) is not { } runner || runner.Supported("type", "runner", ["EpochBasedRunner"], ["IterBasedRunner"], required: true) is null)
        {
            return null;
        }
        var epochs = runner.Int("max_epochs", min: 1, max: 1_000_000, required: true);
        runner.Done();
        return epochs;
    }

    private static (int Interval, int? Batch) Evaluation(MapReader root)
    {
        if (root.Map("evaluation") is not { } evaluation)
        {
            return (1, null);
        }
        var interval = evaluation.Int("interval", min: 1) ?? 1;
        var batch = evaluation.Int("imgs_per_gpu", min: 1, max: MaxBatch);
        evaluation.Int("workers_per_gpu", min: 0, max: 1024);
        evaluation.Only("initial", false, "an evaluation before the first step is not built");
        Topk(evaluation);
        if (evaluation.Map("eval_param") is { } param)
        {
            Topk(param);
            param.Done();
        }
        evaluation.Done();
        return (interval, batch);
    }

    private static void Topk(MapReader map)
    {
        if (map.Ints("topk", min: 1) is { } k && !k.SequenceEqual([1, 5]))
        {
            map.Fail("topk", $"must be [1, 5], is [{string.Join(", ", k)}]: top-1 and top-5 are reported");
        }
    }

    private static (int Kept, int Every) Checkpoints(MapReader root)
    {
        if (root.Map("checkpoint_config") is not { } config)
        {
            return (-1, 1);
        }
        var every = config.Int("interval", min: 1) ?? 1;
        var kept = config.Int("max_keep_ckpts", min: -1) ?? -1;
        if (kept == 0)
        {
            config.Fail("max_keep_ckpts", "must be at least 1, or -1 for all: the last epoch's checkpoint always stays");
        }
        config.Only("by_epoch", true, "checkpoints inside an epoch are made by time, see --checkpoint-interval");
        config.Only("save_optimizer", true, "a checkpoint holds all that going on needs");
        config.Bool("save_last");
        config.Bool("create_symlink");
        if (config.Take("out_dir") is not (null or ConfigScalar { Value: "" }))
        {
            config.Fail("out_dir", "must be left out: checkpoints stand in the run's folder, see --work-dir");
        }
        config.Done();
        return (kept, every);
    }

    private static int Log(MapReader root)
    {
        if (root.Map("log_config") is not { } log)
        {
            return 50;
        }
        var interval = log.Int("interval", min: 1) ?? 50;
        var path = log.Key("hooks");
        foreach (var (hook, i) in (log.List("hooks") ?? []).Select((hook, i) => (hook, i)))
        {
            // Their own keys say how another program is spoken to.
            MapReader.Of(hook, $"{path}.{i}", root.Errors)?.Name("type", Hooks, "log hook", required: true);
        }
        log.Done();
        return interval;
    }
}
