namespace ClusterBench.Configs;

/// <summary>
/// Top-level keys of upstream's benchmark configs that change nothing here, taken and said to be without effect, and those that would
/// change numbers, which are errors.
/// </summary>
internal static class WithoutEffectSchema
{
    /// <summary>How upstream's processes talk, load and log: ClusterBench has its own ways, with the same numbers.</summary>
    private static readonly string[] Machinery =
    [
        "cudnn_benchmark", "dist_params", "find_unused_parameters", "log_level", "mp_start_method", "opencv_num_threads", "persistent_workers",
        "workflow", "test_cfg", "work_dir",
    ];

    /// <summary>Names that mm configs give to parts which they then use elsewhere: by themselves they mean nothing.</summary>
    private static readonly string[] Helpers =
    [
        "custom_imports", "data_source", "data_source_cfg", "data_test_list", "data_test_root", "data_train_list", "data_train_root", "dataset_type",
        "name", "pipeline", "prefetch", "rand_increasing_policies", "split_at", "split_name", "test_pipeline", "train_pipeline", "update_interval",
        "val_pipeline",
    ];

    public static void Read(MapReader root, List<string> notes)
    {
        string[] present = [.. Machinery.Concat(Helpers).Where(key => root.Take(key) is not null).Order(StringComparer.Ordinal)];
        if (present.Length > 0)
        {
            notes.Add($"{root.At.Source}: without effect here: {string.Join(", ", present)} (docs/configs.md says why)");
        }
        root.Absent("train_cfg", "mixing images (mixup, cutmix) is not built yet");
        root.Absent("load_from", "PRETRAIN of the command names the checkpoint");
        root.Absent("resume_from", "the same call again goes on with an unfinished run, and so does 'clusterbench resume RUN'");
        root.Absent("custom_hooks", "hooks that change training (EMAHook and the like) are not built yet");
        root.Absent("sampler", "another order of samples (RepeatAugSampler) is not built yet");
        root.Absent("seed", "the seed is an option of the command: --seed S");
    }
}
