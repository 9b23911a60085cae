namespace ClusterBench.Configs;

/// <summary>Checks <c>model.head.loss</c>: cross-entropy, with or without label smoothing.</summary>
internal static class LossSchema
{
    private static readonly string[] Later = ["BCEWithLogitsLoss", "FocalLoss", "AsymmetricLoss", "mmcls.LabelSmoothLoss"];

    /// <summary>The share of a label's mass that is spread over all classes.</summary>
    /// <param name="classes">Of the head; null when that was wrong.</param>
    public static double Smoothing(MapReader loss, int? classes)
    {
        var type = loss.Supported("type", "loss", ["CrossEntropyLoss", "LabelSmoothLoss"], Later, required: true);
        if (type is null)
        {
            return 0;
        }
        loss.Only("loss_weight", 1, "scale the learning rate instead");
        loss.Name("reduction", ["mean"], "reduction");
        var smoothing = type == "LabelSmoothLoss" ? Smoothed(loss, classes) : Plain(loss);
        loss.Done();
        return smoothing;
    }

    private static double Plain(MapReader loss)
    {
        loss.Only("use_soft", false, "soft labels are not built yet");
        loss.Only("use_sigmoid", false, "binary cross-entropy is not built yet");
        loss.Only("use_mix_decouple", false, "mixing images is not built yet");
        loss.Absent("class_weight", "weighted classes are not built yet");
        foreach (var key in (string[])["label_smooth_val", "mode", "num_classes"])
        {
            loss.Absent(key, "it belongs to LabelSmoothLoss; CrossEntropyLoss would ignore it");
        }
        return 0;
    }

    private static double Smoothed(MapReader loss, int? classes)
    {
        loss.Name("mode", ["original"], "label smoothing");
        if (loss.Int("num_classes", min: 1) is { } own && classes is { } c && own != c)
        {
            loss.Fail("num_classes", $"must be {c} as in model.head, is {own}");
        }
        var smoothing = loss.Number("label_smooth_val", required: true) ?? 0;
        if (smoothing is < 0 or >= 1)
        {
            loss.Fail("label_smooth_val", $"must be from 0 to below 1, is {ConfigNumbers.Text(smoothing)}");
        }
        return smoothing;
    }
}
