using System.Globalization;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>Makes a run's session from what the run was accepted with.</summary>
internal static class GangSessions
{
    /// <exception cref="UserErrorException">A file has changed since the run was submitted, or lists and config do not give the plan any more.</exception>
    public static TrainingSession Open(SubmissionData submission, PlanMade plan, WorkerSettings settings)
    {
        var config = RunConfigText.Parse(submission.ConfigText, $"config of run {submission.Run}");
        if (config.Device != settings.Device.Kind)
            throw new InvalidOperationException($"run {submission.Run} is computed on {config.Device} and was given to a worker on {settings.Device.Name}");
        InputFiles.RequireUnchanged(submission);
        var data = TrainingData.Load(config);
        var made = new TrainingPlan(config, data.Train.Files.Count, data.Val.Files.Count);
        var (now, then) = (Describe(made), Describe(plan.Training));
        if (now != then)
            throw new UserErrorException($"The run's plan has {then}, and its config and lists give {now} on this worker: they have changed. Start anew with --fresh.", 1);
        return new TrainingSession(made, data, settings.Cores);
    }

    private static string Describe(TrainingPlan plan) => Describe(new TrainingPlanData
    {
        VirtualRanks = plan.Training.VirtualRanks, ImagesPerRank = plan.Training.ImagesPerRank, Epochs = plan.Training.Epochs, StepsPerEpoch = plan.StepsPerEpoch,
    });

    private static string Describe(TrainingPlanData plan) => string.Create(CultureInfo.InvariantCulture,
        $"{plan.VirtualRanks} virtual ranks of {plan.ImagesPerRank} images, {plan.Epochs} epochs of {plan.StepsPerEpoch} steps");
}
