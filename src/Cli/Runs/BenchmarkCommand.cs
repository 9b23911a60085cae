using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Plans;
using ClusterBench.Training;

namespace ClusterBench.Cli.Runs;

/// <summary>A call of a benchmark verb from its options to its results.</summary>
internal static class BenchmarkCommand
{
    public static async Task<int> RunAsync(RunCall call, Surroundings around, CancellationToken cancel)
    {
        around.Error.WriteLine($"clusterbench {ProgramVersion.Text}: {call.Benchmark} {call.Config}");
        if (call.Cluster.Url is null && !call.DryRun)
            await ClusterFiles.RefuseForeignAsync(call.Cluster, around, cancel).ConfigureAwait(false);
        DeviceChoice device = await DeviceAsync(call, around, cancel).ConfigureAwait(false);
        around.Error.WriteLine($"device: {device.Device} ({device.Why})");
        PreparedRun prepared = PreparedRun.Of(call, device, around);
        foreach (string note in prepared.Resolved.Notes)
            around.Error.WriteLine($"note: {note}");
        int workers = Workers(call.Workers, device, around);
        TrainingPlan? training = prepared.TrainingPlan();
        if (training is not null)
            around.Error.WriteLine($"batch: {TrainingPlanText.Batch(training)}");
        if (call.DryRun)
        {
            around.Out.Write(training is null ? PlanText.Of(prepared, workers, around) : TrainingPlanText.Of(prepared, training, workers, around));
            return ExitCodes.Done;
        }

        RunFile? known = RunFolder.Read(prepared.WorkDir);
        RunResults? results = RunFolder.ReadResults(prepared.WorkDir);
        switch (FolderDecision.Of(known, results, prepared.Submission(""), call.Fresh))
        {
            case FolderState.Completed:
                around.Error.WriteLine($"{known!.Run} is completed; its results stand in {around.ShownPath(prepared.WorkDir)} (--fresh computes them anew)");
                Outcomes.Print(results!, call.Json, around);
                return ExitCodes.Done;
            case FolderState.Unfinished:
                around.Error.WriteLine($"{known!.Run} is unfinished; going on with it (--fresh starts anew)");
                return await RunCommand.CarryOutAsync(known, workers, device.Device, call.Cluster, call.Detach, acceptHardware: false, call.Json, around, cancel).ConfigureAwait(false);
            default:
                return await RunCommand.StartNewAsync(prepared, known, workers, device.Device, around, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>How many worker processes an embedded cluster gets.</summary>
    public static int Workers(int? wanted, DeviceChoice device, Surroundings around) =>
        wanted ?? (device.Device.StartsWith("cuda", StringComparison.Ordinal) ? Math.Max(1, DeviceChoice.VisibleGpus(around)) : 1);

    private static async Task<DeviceChoice> DeviceAsync(RunCall call, Surroundings around, CancellationToken cancel)
    {
        if (call.Cluster.Url is null)
        {
            int gpus = DeviceChoice.VisibleGpus(around);
            // The worker's folder is looked at only where the answer matters.
            bool cuda = (gpus > 0 || call.Device.StartsWith("cuda", StringComparison.Ordinal)) && WorkerProgram.Find().HasCuda;
            return DeviceChoice.Embedded(call.Device, gpus, cuda);
        }
        if (call.Device != "auto")
            return DeviceChoice.Remote(call.Device, []);
        using var client = new ApiClient(call.Cluster.Url, SecretToken.Read(around));
        return DeviceChoice.Remote(call.Device, await client.WorkersAsync(cancel).ConfigureAwait(false));
    }
}
