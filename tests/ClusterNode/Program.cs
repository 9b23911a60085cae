using ClusterBench.Cluster;
using ClusterBench.Tests.ClusterNode;

// A node for tests: `coordinator|worker name=value ...`. Says what happens on standard output, one line each; takes commands on standard input.
var options = args.Skip(1).Select(static a => a.Split('=', 2)).ToDictionary(static a => a[0], static a => a[1], StringComparer.Ordinal);
using var stop = new CancellationTokenSource();
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

// With a parent to watch, standard input is the line of life and carries no commands.
var commands = ParentWatch.Start(stop) ? null : Console.In;
if (args[0] == "stubborn")
{
    // Deaf to every request to end.
    stop.Token.Register(static () => Console.WriteLine("ASKED TO END"));
    Console.WriteLine($"WATCHING {commands is null}");
    await Task.Delay(Timeout.InfiniteTimeSpan);
}

try
{
    await (args[0] == "coordinator" ? CoordinatorProcess.RunAsync(options, commands, stop) : WorkerProcess.RunAsync(options, commands, stop));
    Console.WriteLine("ENDED");
    return 0;
}
catch (ClusterBench.UserErrorException e)
{
    Console.WriteLine($"REFUSED {e.Message}");
    return e.ExitCode;
}
