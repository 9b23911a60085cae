namespace ClusterBench.Configs;

/// <summary>What a training run adds to the canonical text, in the vocabulary of benchmark configs.</summary>
internal static class TrainingConfigText
{
    public static void Head(CanonicalLines text, HeadConfig head)
    {
        text.Line(1, "head");
        text.Line(2, "type", "ClsHead");
        text.Line(2, "feature", head.Feature);
        text.Line(2, "num_classes", head.Classes);
        text.Line(2, "init_cfg", $"{{type: Normal, layer: Linear, std: {ConfigNumbers.Text(head.InitStd)}}}");
        text.Line(2, "loss", head.LabelSmoothing == 0 ? "{type: CrossEntropyLoss}"
            : $"{{type: LabelSmoothLoss, label_smooth_val: {ConfigNumbers.Text(head.LabelSmoothing)}}}");
    }

    /// <summary>Everything from the optimizer to the log.</summary>
    public static void Recipe(CanonicalLines text, TrainingConfig training, int evaluationBatch)
    {
        Optimizer(text, training.Optimizer);
        Schedule(text, training.Schedule);
        text.Line(0, "runner");
        text.Line(1, "type", "EpochBasedRunner");
        text.Line(1, "max_epochs", training.Epochs);
        text.Line(0, "evaluation");
        text.Line(1, "interval", training.EvaluationInterval);
        text.Line(1, "imgs_per_gpu", evaluationBatch);
        text.Line(0, "checkpoint_config");
        text.Line(1, "interval", training.CheckpointEpochs);
        text.Line(1, "max_keep_ckpts", training.CheckpointsKept);
        text.Line(0, "log_config");
        text.Line(1, "interval", training.LogInterval);
    }

    private static void Optimizer(CanonicalLines text, OptimizerConfig optimizer)
    {
        text.Line(0, "optimizer");
        text.Line(1, "type", "SGD");
        text.Line(1, "lr", optimizer.LearningRate);
        text.Line(1, "momentum", optimizer.Momentum);
        text.Line(1, "weight_decay", optimizer.WeightDecay);
        text.Line(1, "dampening", optimizer.Dampening);
        text.Line(1, "nesterov", optimizer.Nesterov);
        if (optimizer.Paramwise.Count == 0)
        {
            return;
        }
        text.Line(1, "paramwise_options");
        foreach (var option in optimizer.Paramwise)
        {
            (string Key, double? Value)[] values =
            [
                ("lr_mult", option.LearningRateMultiplier), ("lr", option.LearningRate), ("decay_mult", option.WeightDecayMultiplier),
                ("weight_decay", option.WeightDecay), ("momentum", option.Momentum),
            ];
            text.Line(2, ConfigText.Quoted(option.Pattern), $"{{{string.Join(", ", values.Where(v => v.Value is not null).Select(v => $"{v.Key}: {ConfigNumbers.Text(v.Value!.Value)}"))}}}");
        }
    }

    /// <summary>The keys that the policy reads and no others, so that equal schedules have equal texts.</summary>
    private static void Schedule(CanonicalLines text, ScheduleConfig schedule)
    {
        text.Line(0, "lr_config");
        text.Line(1, "policy", schedule.Policy);
        text.Line(1, "by_epoch", schedule.ByEpoch);
        switch (schedule.Policy)
        {
            case "Step":
                text.Line(1, "step", schedule.StepRepeats ? CanonicalLines.Number(schedule.Steps[0]) : CanonicalLines.Numbers(schedule.Steps));
                text.Line(1, "gamma", schedule.Gamma);
                if (schedule.MinRate is { } least)
                {
                    text.Line(1, "min_lr", least);
                }
                break;
            case "CosineAnnealing" or "StepFixCosineAnnealing" when schedule.MinRatio is { } ratio:
                text.Line(1, "min_lr_ratio", ratio);
                break;
            case "CosineAnnealing" or "StepFixCosineAnnealing":
                text.Line(1, "min_lr", schedule.MinRate ?? 0);
                break;
            case "Poly":
                text.Line(1, "power", schedule.Power);
                text.Line(1, "min_lr", schedule.MinRate ?? 0);
                break;
        }
        if (schedule.Warmup is { } warmup)
        {
            text.Line(1, "warmup", warmup);
            text.Line(1, "warmup_iters", schedule.WarmupLength);
            text.Line(1, "warmup_ratio", schedule.WarmupRatio);
            text.Line(1, "warmup_by_epoch", schedule.WarmupByEpoch);
        }
    }
}
