namespace ClusterBench.Configs;

/// <summary>The images of a training run and how many a virtual rank has in one step.</summary>
internal sealed record TrainingDataSections(IReadOnlyDictionary<string, DatasetConfig> Sets, int? ImagesPerRank, bool DropLast);

/// <summary>Checks <c>data</c> of a benchmark config.</summary>
internal static class TrainingDataSchema
{
    public static TrainingDataSections Read(MapReader root)
    {
        var sets = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal);
        var norm = root.Take("img_norm_cfg");
        if (root.Map("data", required: true) is not { } data)
        {
            return new TrainingDataSections(sets, null, false);
        }
        var images = data.Int("imgs_per_gpu", min: 1, max: 65536, required: true);
        data.Int("workers_per_gpu", min: 0, max: 1024);
        var dropLast = data.Bool("drop_last") ?? false;
        if (data.Map("train", required: true) is { } train && Train(train, root, norm) is { } trained)
        {
            sets["train"] = trained;
        }
        if (data.Map("val", required: true) is { } val)
        {
            // Upstream's loader of the validation set never prefetches: bytes would reach the network as they are.
            val.Only("prefetch", false, "images that are evaluated are not prefetched; write ToTensor and Normalize into the pipeline");
            if (DatasetSchema.Dataset(val, random: false, null) is { } evaluated)
            {
                sets["val"] = evaluated;
            }
        }
        // A benchmark of a dataset with a test split of its own names it beside the two that are used.
        data.Take("test");
        data.Done();
        return new TrainingDataSections(sets, images, dropLast);
    }

    private static DatasetConfig? Train(MapReader train, MapReader root, ConfigNode? norm)
    {
        if (train.Take("prefetch") is not ConfigScalar { Value: true })
        {
            return DatasetSchema.Dataset(train, random: true, null);
        }
        if (norm is null)
        {
            train.Fail("prefetch", "needs img_norm_cfg at the top level: the loader normalizes by it");
            return null;
        }
        return MapReader.Of(norm, "img_norm_cfg", root.Errors) is { } reader && TransformSchema.ImageNorm(reader) is { } normalize
            ? DatasetSchema.Dataset(train, random: true, normalize) : null;
    }
}
