namespace ClusterBench.Configs;

/// <summary>Checks a list of transforms: each by itself, then whether the order makes sense.</summary>
internal static class PipelineSchema
{
    /// <summary>Null when something was wrong.</summary>
    /// <param name="random">Whether transforms may be random: only where the images are trained on.</param>
    /// <param name="prefetched">
    /// Set with <c>prefetch: true</c>: the pipeline ends with the image transforms, and ToTensor and this stand behind it.
    /// </param>
    public static IReadOnlyList<TransformConfig>? Read(MapReader dataset, bool random, NormalizeConfig? prefetched = null)
    {
        if (dataset.List("pipeline", required: true) is not { } nodes)
        {
            return null;
        }
        var path = dataset.Key("pipeline");
        var steps = new List<(ConfigPosition At, string Path, TransformConfig Step)>();
        var wrong = false;
        for (var i = 0; i < nodes.Count; i++)
        {
            if (MapReader.Of(nodes[i], $"{path}.{i}", dataset.Errors) is { } reader && TransformSchema.Read(reader, random) is { } step)
            {
                steps.Add((nodes[i].At, $"{path}.{i}", step));
            }
            else
            {
                wrong = true;
            }
        }
        if (prefetched is not null)
        {
            foreach (var (at, stepPath, step) in steps.Where(s => s.Step is ToTensorConfig or NormalizeConfig))
            {
                dataset.Errors.Add(at, stepPath, "stands in a pipeline with prefetch: true, whose loader does ToTensor and Normalize by img_norm_cfg; leave it out, or set prefetch to false");
                wrong = true;
            }
            return wrong ? null : [.. steps.Select(s => s.Step), new ToTensorConfig(), prefetched];
        }
        return !wrong && Ordered(steps, dataset) ? steps.ConvertAll(s => s.Step) : null;
    }

    private static bool Ordered(List<(ConfigPosition At, string Path, TransformConfig Step)> steps, MapReader dataset)
    {
        var before = dataset.Errors.All.Count;
        var tensorAt = steps.FindIndex(s => s.Step is ToTensorConfig);
        if (tensorAt < 0)
        {
            dataset.Fail("pipeline", "has no ToTensor: the network takes floats; add '- type: ToTensor' after the image transforms");
            return false;
        }
        var normalised = false;
        for (var i = 0; i < steps.Count; i++)
        {
            var (at, path, step) = steps[i];
            switch (step)
            {
                case ToTensorConfig when i > tensorAt:
                    dataset.Errors.Add(at, path, "ToTensor stands a second time; keep the first");
                    break;
                case NormalizeConfig when i < tensorAt:
                    dataset.Errors.Add(at, path, "Normalize stands before ToTensor, on bytes; put it after ToTensor");
                    break;
                case NormalizeConfig when normalised:
                    dataset.Errors.Add(at, path, "Normalize stands a second time; keep one");
                    break;
                case NormalizeConfig:
                    normalised = true;
                    break;
                case not (ToTensorConfig or NormalizeConfig) when i > tensorAt:
                    dataset.Errors.Add(at, path, $"{step.GetType().Name.Replace("Config", "", StringComparison.Ordinal)} works on images and stands after ToTensor; put it before");
                    break;
            }
        }
        return dataset.Errors.All.Count == before;
    }
}
