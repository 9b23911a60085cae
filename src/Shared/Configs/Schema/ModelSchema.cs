namespace ClusterBench.Configs;

/// <summary>Checks <c>model</c> of a benchmark config: a backbone with a linear classifier.</summary>
internal static class ModelSchema
{
    private static readonly string[] Later = ["MixUpClassification", "MMClsImageClassifierWrapper"];

    /// <summary>Whether a config describes a benchmark rather than a pretraining.</summary>
    public static bool IsClassifier(ConfigMap tree) =>
        tree.Find("model")?.Value is ConfigMap model && model.Find("type")?.Value is ConfigScalar { Value: string type }
        && (type == "Classification" || Later.Contains(type, StringComparer.Ordinal));

    /// <summary>Each is null when it was wrong.</summary>
    public static (BackboneConfig? Backbone, HeadConfig? Head) Read(MapReader root, BenchmarkPurpose purpose)
    {
        if (root.Map("model", required: true) is not { } model || model.Supported("type", "model", ["Classification"], Later, required: true) is null)
        {
            // Another model has other keys: one error is enough.
            return default;
        }
        model.Only("with_sobel", false, "a network that sees Sobel-filtered images cannot be evaluated on RGB images");
        model.Absent("neck", "a neck between backbone and head is not built yet");
        model.Absent("train_cfg", "mixing images (mixup, cutmix) is not built yet");
        model.Absent("init_cfg", "the backbone comes from PRETRAIN and the head's weights are said by model.head.init_cfg");
        // PRETRAIN of the command stands in its place, as in upstream's scripts.
        model.Take("pretrained");
        var reader = model.Map("backbone", required: true);
        var backbone = reader is null ? null : BackboneSchema.Read(reader);
        if (reader?.Take("type") is ConfigScalar { Value: string type } && ResNetShape.Types.Contains(type, StringComparer.Ordinal))
        {
            TrainedBackboneSchema.Check(reader, purpose);
        }
        var head = model.Map("head", required: true) is { } h ? HeadSchema.Read(h, backbone, reader) : null;
        model.Done();
        return (backbone, head);
    }
}
