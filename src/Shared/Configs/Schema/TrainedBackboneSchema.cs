namespace ClusterBench.Configs;

/// <summary>
/// What of <c>model.backbone</c> matters to training beside the network itself: what is frozen, and how batch norm and residual
/// branches behave. Types are checked by <see cref="BackboneSchema"/> already.
/// </summary>
internal static class TrainedBackboneSchema
{
    /// <summary>Upstream's number of stages, all of which <c>frozen_stages: 4</c> freezes, the stem with them.</summary>
    private const long Stages = 4;

    public static void Check(MapReader backbone, BenchmarkPurpose purpose)
    {
        Freezing(backbone, purpose);
        if (purpose.Frozen)
        {
            // In evaluation mode none of the rest computes anything.
            return;
        }
        if (backbone.Take("norm_eval") is ConfigScalar { Value: true })
        {
            backbone.Fail("norm_eval", "must be false: training weights under fixed batch-norm statistics is not built yet");
        }
        if (backbone.Take("drop_path_rate") is ConfigScalar { Value: not (0L or 0.0) })
        {
            backbone.Fail("drop_path_rate", "must be 0: dropping residual branches in training is not built yet");
        }
        if (purpose.FromScratch && backbone.Take("zero_init_residual") is ConfigScalar { Value: false })
        {
            backbone.Fail("zero_init_residual", "must be true: from scratch every residual branch begins with a norm of 0");
        }
        if (backbone.Take("norm_cfg") is ConfigMap norm)
        {
            Norm(new MapReader(norm, backbone.Key("norm_cfg"), backbone.Errors));
        }
    }

    private static void Freezing(MapReader backbone, BenchmarkPurpose purpose)
    {
        if (backbone.Take("frozen_stages") is not ConfigScalar { Value: long frozen })
        {
            return;
        }
        if (purpose.Frozen && frozen != Stages)
        {
            backbone.Fail("frozen_stages", $"must be {Stages} (or left out), is {frozen}: linear freezes the whole backbone; "
                + $"'clusterbench finetune' trains it, --set {backbone.Key("frozen_stages")}={Stages} freezes it");
        }
        if (!purpose.Frozen && frozen == Stages)
        {
            backbone.Fail("frozen_stages", $"must be -1, is {frozen}: nothing but the head would be trained; 'clusterbench linear' does that, "
                + $"--set {backbone.Key("frozen_stages")}=-1 trains the whole network");
        }
        if (!purpose.Frozen && frozen is >= 0 and < Stages)
        {
            backbone.Fail("frozen_stages", $"must be -1, is {frozen}: freezing a part of the backbone is not built yet");
        }
    }

    private static void Norm(MapReader norm)
    {
        if (norm.Take("type") is ConfigScalar { Value: "SyncBN" })
        {
            norm.Fail("type", "SyncBN in a network that is trained is not built yet; supported: BN, with statistics of each virtual rank's own "
                + $"images (--set {norm.Key("type")}=BN)");
        }
        if (norm.Take("requires_grad") is ConfigScalar { Value: false })
        {
            norm.Fail("requires_grad", "must be true: training with fixed scales and shifts is not built yet");
        }
        if (norm.Take("momentum") is ConfigScalar { Value: not 0.1 } momentum)
        {
            norm.Fail("momentum", $"must be 0.1, is {momentum.Describe()}");
        }
    }
}
