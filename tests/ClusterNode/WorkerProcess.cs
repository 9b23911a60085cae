using System.Globalization;
using ClusterBench.GpuWorker.Membership;

namespace ClusterBench.Tests.ClusterNode;

/// <summary>A worker's membership without work.</summary>
internal static class WorkerProcess
{
    public static Task RunAsync(Dictionary<string, string> options, TextReader? commands, CancellationTokenSource stop)
    {
        var node = new WorkerNode(new WorkerNodeOptions
        {
            WorkerId = options["id"],
            Join = options["join"],
            Token = options.GetValueOrDefault("token", "secret"),
            Port = int.Parse(options.GetValueOrDefault("port", "0"), CultureInfo.InvariantCulture),
            HoconFile = options.GetValueOrDefault("hocon"),
            Log = static line => Console.WriteLine($"LOG {line}"),
            OnUp = static system =>
            {
                system.ActorOf(MembershipLines.Props);
                var self = Akka.Cluster.Cluster.Get(system).SelfUniqueAddress;
                Console.WriteLine($"UP {self.Address} {self.Uid}");
            },
        });
        Command.Listen(commands, stop, command =>
        {
            if (command == "starve")
            {
                Starve();
            }
        });
        return node.RunAsync(stop.Token);
    }

    /// <summary>What badly behaved code can do to a process: every thread of the pool, and those that it adds, blocked for good.</summary>
    private static void Starve()
    {
        var never = new ManualResetEventSlim();
        for (var i = 0; i < 500; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => never.Wait(), null);
        }

        Console.WriteLine("STARVED");
    }
}
