using System.Globalization;
using ClusterBench.Configs;

namespace ClusterBench.Training;

/// <summary>How a run is optimised, in a line for people.</summary>
public static class TrainingText
{
    /// <summary>E.g. <c>SGD: learning rate 0.1, momentum 0.9, weight decay 0.0001</c>.</summary>
    public static string Optimizer(OptimizerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        List<string> parts = [$"learning rate {Number(config.LearningRate)}"];
        AddUnlessZero("momentum", config.Momentum);
        AddUnlessZero("dampening", config.Dampening);
        AddUnlessZero("weight decay", config.WeightDecay);
        if (config.Nesterov)
        {
            parts.Add("Nesterov");
        }

        if (config.Paramwise.Count > 0)
        {
            parts.Add("options of their own for parameters that match " + string.Join(", ", config.Paramwise.Select(static p => p.Pattern)));
        }

        return "SGD: " + string.Join(", ", parts);

        void AddUnlessZero(string name, double value)
        {
            if (value != 0)
            {
                parts.Add($"{name} {Number(value)}");
            }
        }
    }

    /// <summary>E.g. <c>Step: times 0.1 at epochs 60, 80; linear warm-up over 5 epochs from 0.1 of the rate</c>.</summary>
    public static string Schedule(ScheduleConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var unit = config.ByEpoch ? "epoch" : "step";
        var course = config.Policy switch
        {
            "Fixed" => "",
            "Step" => $": times {Number(config.Gamma)} {(config.StepRepeats ? $"every {config.Steps[0]} {unit}s" : $"at {unit}{(config.Steps.Count > 1 ? "s" : "")} {string.Join(", ", config.Steps)}")}",
            "Poly" => $": by {unit} with power {Number(config.Power)}{Lowest(config)}",
            _ => $": by {unit}{Lowest(config)}",
        };
        var warmup = config.Warmup is null
            ? ""
            : $"; {config.Warmup} warm-up over {config.WarmupLength} {(config.WarmupByEpoch ? "epoch" : "step")}{(config.WarmupLength == 1 ? "" : "s")} from {Number(Begin(config))} of the rate";
        return config.Policy + course + warmup;
    }

    private static string Lowest(ScheduleConfig config) =>
        config.MinRatio is { } ratio ? $" down to {Number(ratio)} of the rate" : $" down to {Number(config.MinRate ?? 0)}";

    // As LearningRateSchedule has it: this policy's linear warm-up begins at 0 whatever the ratio.
    private static double Begin(ScheduleConfig config) => config is { Policy: "StepFixCosineAnnealing", Warmup: "linear" } ? 0 : config.WarmupRatio;

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
