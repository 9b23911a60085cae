namespace ClusterBench.Configs;

/// <summary>What a training benchmark (<c>linear</c>, <c>finetune</c>) needs beside backbone and data.</summary>
public sealed record TrainingConfig
{
    /// <summary>V: over how many GPUs the config spreads its batch (<c>virtual_ranks</c>, or the 4 of <c>4xb64</c>).</summary>
    public required int VirtualRanks { get; init; }

    /// <summary>Training images of one virtual rank in one step (<c>data.imgs_per_gpu</c>).</summary>
    public required int ImagesPerRank { get; init; }

    /// <summary>Leave out the epoch's last, smaller batch (<c>data.drop_last</c>).</summary>
    public bool DropLast { get; init; }

    /// <summary>Epochs of the run (<c>runner.max_epochs</c>).</summary>
    public required int Epochs { get; init; }

    /// <summary>The backbone computes in eval mode and neither its weights nor its buffers change (linear evaluation).</summary>
    public required bool FrozenBackbone { get; init; }

    public required HeadConfig Head { get; init; }

    public required OptimizerConfig Optimizer { get; init; }

    public required ScheduleConfig Schedule { get; init; }

    /// <summary>Global steps between two lines of log.json (<c>log_config.interval</c>).</summary>
    public int LogInterval { get; init; } = 50;

    /// <summary>Epochs between two evaluations (<c>evaluation.interval</c>); the last epoch is always evaluated.</summary>
    public int EvaluationInterval { get; init; } = 1;

    /// <summary>Every how many epochs <c>epoch_N.pth</c> stays (<c>checkpoint_config.interval</c>); the last one always does.</summary>
    public int CheckpointEpochs { get; init; } = 1;

    /// <summary>How many <c>epoch_N.pth</c> stay (<c>checkpoint_config.max_keep_ckpts</c>); -1: all.</summary>
    public int CheckpointsKept { get; init; } = -1;
}

/// <summary>A linear classifier on a pooled feature (<c>model.head</c>).</summary>
public sealed record HeadConfig
{
    /// <summary>The feature it reads, feat1..feat5.</summary>
    public required string Feature { get; init; }

    public required int Classes { get; init; }

    /// <summary>Standard deviation of the initial weights; the bias begins at 0.</summary>
    public double InitStd { get; init; } = 0.01;

    /// <summary>Cross-entropy's smoothing: (1 - s) of the mass on the label, s spread evenly over all classes.</summary>
    public double LabelSmoothing { get; init; }
}

/// <summary>Stochastic gradient descent as torch.optim.SGD has it (<c>optimizer</c>).</summary>
public sealed record OptimizerConfig
{
    public required double LearningRate { get; init; }
    public double Momentum { get; init; }
    public double WeightDecay { get; init; }
    public bool Nesterov { get; init; }
    public double Dampening { get; init; }

    /// <summary><c>paramwise_options</c> in the config's order.</summary>
    public IReadOnlyList<ParamwiseConfig> Paramwise { get; init; } = [];
}

/// <summary>
/// Options of the parameters in whose name a regular expression is found; where several match, later ones overwrite.
/// </summary>
/// <param name="Pattern">The regular expression.</param>
/// <param name="LearningRateMultiplier"><c>lr_mult</c>: times the base rate.</param>
/// <param name="WeightDecayMultiplier"><c>decay_mult</c> or <c>weight_decay_mult</c>: times the base weight decay.</param>
/// <param name="WeightDecay"><c>weight_decay</c>: in place of the base weight decay.</param>
/// <param name="LearningRate"><c>lr</c>: in place of the base rate.</param>
/// <param name="Momentum"><c>momentum</c>: in place of the base momentum.</param>
public sealed record ParamwiseConfig(
    string Pattern, double? LearningRateMultiplier = null, double? WeightDecayMultiplier = null, double? WeightDecay = null, double? LearningRate = null,
    double? Momentum = null);

/// <summary>The learning rate as a function of the step (<c>lr_config</c>; mmcv's LR updater hooks).</summary>
public sealed record ScheduleConfig
{
    /// <summary><c>Fixed</c>, <c>Step</c>, <c>CosineAnnealing</c>, <c>StepFixCosineAnnealing</c> or <c>Poly</c>.</summary>
    public required string Policy { get; init; }

    /// <summary>Whether the policy counts epochs (mmcv's default) or iterations.</summary>
    public bool ByEpoch { get; init; } = true;

    /// <summary>Step: where the rate falls; a single number n falls every n.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [];

    /// <summary>Step: whether <see cref="Steps"/> is one number that repeats.</summary>
    public bool StepRepeats { get; init; }

    public double Gamma { get; init; } = 0.1;

    /// <summary>Lower bound; null: none, or by <see cref="MinRatio"/>.</summary>
    public double? MinRate { get; init; }
    public double? MinRatio { get; init; }

    /// <summary>Poly's exponent.</summary>
    public double Power { get; init; } = 1;

    /// <summary><c>constant</c>, <c>linear</c>, <c>exp</c> or null: no warm-up.</summary>
    public string? Warmup { get; init; }
    public int WarmupLength { get; init; }
    public double WarmupRatio { get; init; } = 0.1;
    public bool WarmupByEpoch { get; init; }
}
