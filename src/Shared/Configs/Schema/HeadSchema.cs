namespace ClusterBench.Configs;

/// <summary>Checks <c>model.head</c>: a linear classifier on the global average of one feature.</summary>
internal static class HeadSchema
{
    private static readonly string[] Later =
        ["ClsMixupHead", "MultiClsHead", "VisionTransformerClsHead", "mmcls.LinearClsHead", "MAEFinetuneHead", "MaskFeatFinetuneHead"];

    /// <summary>Upstream's: normal weights of this deviation.</summary>
    private const double DefaultInitStd = 0.01;

    /// <summary>Null when something was wrong.</summary>
    /// <param name="backbone">Null when it was wrong.</param>
    /// <param name="backboneMap">Its <c>out_indices</c> name the feature where the head does not.</param>
    public static HeadConfig? Read(MapReader head, BackboneConfig? backbone, MapReader? backboneMap)
    {
        var before = head.Errors.All.Count;
        if (head.Supported("type", "head", ["ClsHead"], Later, required: true) is null)
        {
            return null;
        }
        var feature = Feature(head, backboneMap);
        var classes = head.Int("num_classes", min: 2, max: 1_000_000, required: true);
        if (head.Int("in_channels", min: 1) is { } width && backbone is not null && feature is not null
            && ResNetShape.Of(backbone).FeatureWidths[feature] is var actual && width != actual)
        {
            head.Fail("in_channels", $"must be {actual}, is {width}: so many channels has {feature} of this {backbone.Type}-{backbone.Depth} (left out, it is found)");
        }
        head.Only("with_avg_pool", true, "the head reads the global average of a feature");
        head.Only("multi_label", false, "several labels for one image are not built yet");
        head.Only("frozen", false, "then nothing would be trained");
        head.Only("finetune", false, "another shape of head is not built yet");
        head.Only("vit_backbone", false, "the backbone is a ResNet");
        head.Absent("hidden_dim", "a hidden layer is not built yet");
        head.Bool("aug_test");
        head.Bool("cal_acc");
        var smoothing = head.Map("loss") is { } loss ? LossSchema.Smoothing(loss, classes) : 0;
        var deviation = InitStd(head);
        head.Done();
        return head.Errors.All.Count > before ? null
            : new HeadConfig { Feature = feature!, Classes = classes!.Value, InitStd = deviation, LabelSmoothing = smoothing };
    }

    /// <summary>
    /// <c>model.head.feature</c>, a key of our own; else the stage in <c>out_indices</c> by OpenMixup's count (0 to 3 are feat2 to feat5;
    /// 4, MMSelfSup's name of the last stage, is feat5 too); else feat5.
    /// </summary>
    private static string? Feature(MapReader head, MapReader? backbone)
    {
        if (head.Take("feature") is not null)
        {
            return head.Name("feature", ["feat1", "feat2", "feat3", "feat4", "feat5"], "feature");
        }
        long[] stages = backbone?.Take("out_indices") switch
        {
            ConfigList list => [.. list.Items.OfType<ConfigScalar>().Select(i => i.Value).OfType<long>()],
            ConfigScalar { Value: long stage } => [stage],
            _ => [3],
        };
        switch (stages)
        {
            case [>= 0 and <= 3]:
                return $"feat{stages[0] + 2}";
            case [-1 or 4]:
                return "feat5";
            default:
                backbone!.Fail("out_indices", stages.Length == 1
                    ? $"must be from 0 to 3 (feat2 to feat5), is {stages[0]}; {head.Key("feature")} names a feature directly"
                    : $"names {stages.Length} stages, but ClsHead reads one; say which with {head.Key("feature")} (feat1 to feat5)");
                return null;
        }
    }

    private static double InitStd(MapReader head)
    {
        if (head.Take("init_cfg") is not { } node || node is ConfigMap { Entries.Count: 0 })
        {
            return DefaultInitStd;
        }
        // mm configs write one mapping or a list of them.
        var single = node is ConfigList { Items: [var only] } ? only : node;
        if (MapReader.Of(single, head.Key("init_cfg"), head.Errors) is not { } init
            || init.Supported("type", "initialization", ["Normal"], ["TruncNormal", "Kaiming", "Xavier", "Constant", "Uniform"], required: true) is null)
        {
            return DefaultInitStd;
        }
        var layer = init.Take("layer");
        if (layer is not (null or ConfigScalar { Value: "Linear" }))
        {
            init.Fail("layer", $"must be Linear, is {layer.Describe()}: the head is one linear layer");
        }
        init.Only("mean", 0, "weights begin around 0");
        init.Only("bias", 0, "the bias begins at 0");
        var deviation = init.Take("std") is null ? DefaultInitStd : init.Number("std") ?? DefaultInitStd;
        if (deviation < 0)
        {
            init.Fail("std", $"must be at least 0, is {ConfigNumbers.Text(deviation)}");
        }
        init.Done();
        return deviation;
    }
}
