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
        Command.Listen(commands, stop, static command =>
        {
            switch (command)
            {
                case "block":
                    Block();
                    break;
                case "burn":
                    Burn();
                    break;
            }
        });
        return node.RunAsync(stop.Token);
    }

    /// <summary>What careless code does to a process: a dozen threads of the pool blocked for good.</summary>
    private static void Block()
    {
        var never = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(12);
        for (var i = 0; i < 12; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                blocked.Signal();
                never.Wait();
            }, null);
        }

        blocked.Wait();
        Console.WriteLine("BLOCKED");
    }

    /// <summary>What computing does to a machine: more busy threads than cores, none of them of the pool.</summary>
    private static void Burn()
    {
        for (var i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            new Thread(static () =>
            {
                for (var x = 1.0; ; x = Math.Sqrt(x + 1))
                {
                }
            }) { IsBackground = true }.Start();
        }

        Console.WriteLine("BURNING");
    }
}
