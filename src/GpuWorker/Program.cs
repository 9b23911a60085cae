using System.Runtime.InteropServices;
using ClusterBench;
using ClusterBench.Cluster;
using ClusterBench.GpuWorker;
using ClusterBench.GpuWorker.Numerics;

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    switch (args)
    {
        case ["worker", .. var rest]:
            ParentWatch.Start(stop);
            return await WorkerHost.RunAsync(WorkerOptions.Parse(rest), stop);
        case ["model-show", .. var rest]:
            NativeSetup.Initialize();
            Console.Out.WriteLine(ModelShow.Render(await Console.In.ReadToEndAsync(), rest is ["--format", "json"]));
            return 0;
        default:
            throw new UserErrorException("This program is started by `clusterbench worker` and `clusterbench model show`.");
    }
}
catch (UserErrorException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return e.ExitCode;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
