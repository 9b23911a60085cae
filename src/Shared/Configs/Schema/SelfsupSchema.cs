namespace ClusterBench.Configs;

/// <summary>What a benchmark needs of a self-supervised config.</summary>
internal sealed record SelfsupSections(BackboneConfig? Backbone, string? KnnConfig, ConfigPosition KnnConfigAt, string? WorkDir);

/// <summary>
/// Checks <c>model.backbone</c>, <c>downstream</c> and <c>work_dir</c> of a self-supervised config. All else belongs to a pretraining
/// method that may be unknown here.
/// </summary>
internal static class SelfsupSchema
{
    /// <summary>The top-level keys that matter; <c>--set</c> of one of these goes to the self-supervised config.</summary>
    public static readonly IReadOnlyList<string> Keys = ["model", "downstream", "work_dir"];

    public static SelfsupSections Read(ConfigMap tree, ConfigErrors errors)
    {
        var root = new MapReader(tree, "", errors);
        var model = root.Map("model", required: true);
        var backbone = model?.Map("backbone", required: true);
        if (model?.Bool("with_sobel") == true)
        {
            model.Fail("with_sobel", "must be false: a network that sees Sobel-filtered images cannot be evaluated on RGB images");
        }
        var downstream = root.Map("downstream");
        var knn = downstream?.Text("knn");
        downstream?.Text("svm");
        foreach (var list in (string[])["linear", "finetune", "semi"])
        {
            downstream?.Texts(list);
        }
        downstream?.Done();
        return new SelfsupSections(
            backbone is null ? null : BackboneSchema.Read(backbone), knn, downstream?.Place("knn") ?? tree.At, root.Text("work_dir"));
    }
}
