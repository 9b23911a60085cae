using System.Globalization;
using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Cli.Plans;

/// <summary>A learning-rate schedule in words, with the rates that it comes to.</summary>
internal static class ScheduleText
{
    public static string Of(TrainingPlan plan)
    {
        ScheduleConfig schedule = plan.Training.Schedule;
        string unit = schedule.ByEpoch ? "epoch" : "step";
        string policy = schedule.Policy switch
        {
            "Step" when schedule.StepRepeats => $"x {Number(schedule.Gamma)} every {schedule.Steps[0]} {unit}s",
            "Step" => $"x {Number(schedule.Gamma)} from {unit} {string.Join(", ", schedule.Steps)} on",
            "Fixed" => "fixed",
            "Poly" => $"polynomial of power {Number(schedule.Power)} per {unit}",
            _ => $"cosine per {unit}",
        };
        string warmup = schedule.Warmup is { } kind
            ? $", {kind} warm-up over {schedule.WarmupLength} {(schedule.WarmupByEpoch ? "epoch" : "step")}{(schedule.WarmupLength == 1 ? "" : "s")}" : "";
        double rate = plan.Training.Optimizer.LearningRate;
        string ends = $"{Number(plan.Schedule.RateAt(0, rate))} in the first step, {Number(plan.Schedule.RateAt(plan.Steps - 1, rate))} in the last";
        return $"{policy}{warmup}: {ends}";
    }

    private static string Number(double value) => value.ToString("g4", CultureInfo.InvariantCulture);
}
