using ClusterBench.Configs;

namespace ClusterBench.Training;

/// <summary>
/// The learning rate as a function of the global step: mmcv's policies and warm-ups, and OpenMixup's StepFixCosineAnnealing. The
/// order of operations is theirs, so that rates are equal to the last bit.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly ScheduleConfig config;
    private readonly int stepsPerEpoch;
    private readonly long length;
    private readonly long warmupSteps;
    private readonly long offset;

    /// <param name="epochs">Epochs of the run.</param>
    /// <param name="stepsPerEpoch">Global steps of an epoch.</param>
    /// <exception cref="UserErrorException">The policy or warm-up is unknown, or a length makes no sense.</exception>
    public LearningRateSchedule(ScheduleConfig config, int epochs, int stepsPerEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsPerEpoch);
        this.config = config;
        this.stepsPerEpoch = stepsPerEpoch;
        length = config.ByEpoch ? epochs : (long)epochs * stepsPerEpoch;
        warmupSteps = config.Warmup is null ? 0 : config.WarmupByEpoch ? (long)config.WarmupLength * stepsPerEpoch : config.WarmupLength;
        offset = config.Policy == "StepFixCosineAnnealing" ? (config.ByEpoch ? warmupSteps / stepsPerEpoch : warmupSteps) : 0;
        Check();
    }

    /// <summary>The rate with which step <paramref name="step"/> (from 0, over all epochs) is applied.</summary>
    /// <param name="baseRate">The rate of the parameter group in the optimizer's config.</param>
    public double RateAt(long step, double baseRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var rate = Scheduled(config.ByEpoch ? step / stepsPerEpoch : step, baseRate);
        return step < warmupSteps ? Warmed(step, rate) : rate;
    }

    private double Scheduled(long progress, double baseRate) => config.Policy switch
    {
        "Fixed" => baseRate,
        "Step" => Math.Max(baseRate * Math.Pow(config.Gamma, Falls(progress)), config.MinRate ?? double.NegativeInfinity),
        "Poly" => ((baseRate - Lowest(baseRate)) * Math.Pow(1 - ((double)progress / length), config.Power)) + Lowest(baseRate),
        // In a StepFix warm-up the progress is negative on purpose: the rate follows the rising side of the cosine, as upstream's does.
        _ => Cosine(baseRate, Lowest(baseRate), (double)(progress - offset) / (length - offset)),
    };

    private long Falls(long progress) => config.StepRepeats ? progress / config.Steps[0] : config.Steps.Count(step => step <= progress);

    private double Lowest(double baseRate) => config.MinRatio is { } ratio ? baseRate * ratio : config.MinRate ?? 0;

    /// <summary>From <paramref name="start"/> to <paramref name="end"/> along half a period while the share goes from 0 to 1.</summary>
    private static double Cosine(double start, double end, double share) => end + (0.5 * (start - end) * (Math.Cos(Math.PI * share) + 1));

    private double Warmed(long step, double rate)
    {
        var left = 1 - ((double)step / warmupSteps);
        return config.Warmup switch
        {
            "constant" => rate * config.WarmupRatio,
            "exp" => rate * Math.Pow(config.WarmupRatio, left),
            // Upstream's StepFixCosineAnnealing begins a linear warm-up at 0 whatever the ratio.
            _ => rate * (1 - (left * (1 - (config.Policy == "StepFixCosineAnnealing" ? 0 : config.WarmupRatio)))),
        };
    }

    private void Check()
    {
        if (config.Policy is not ("Fixed" or "Step" or "CosineAnnealing" or "StepFixCosineAnnealing" or "Poly"))
        {
            throw new UserErrorException(
                $"lr_config.policy: '{config.Policy}' is unknown; there are Fixed, Step, CosineAnnealing, StepFixCosineAnnealing and Poly.");
        }

        if (config.Warmup is not (null or "constant" or "linear" or "exp"))
        {
            throw new UserErrorException($"lr_config.warmup: '{config.Warmup}' is unknown; there are constant, linear and exp.");
        }

        if (config.Warmup is not null && config.WarmupLength <= 0)
        {
            throw new UserErrorException($"lr_config.warmup_iters: a warm-up lasts at least 1, not {config.WarmupLength}.");
        }

        if (config.Policy == "Step" && (config.Steps.Count == 0 || (config.StepRepeats && config.Steps[0] <= 0)))
        {
            throw new UserErrorException("lr_config.step: the Step policy needs the epochs where the rate falls, or one positive number.");
        }

        if (config.Policy == "StepFixCosineAnnealing" && offset >= length)
        {
            throw new UserErrorException($"lr_config.warmup_iters: the warm-up ({offset}) must end before the run does ({length}).");
        }
    }
}
