using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using ClusterBench.Cluster;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Gangs;
using ClusterBench.GpuWorker.Membership;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.GpuWorker;

/// <summary>
/// The worker process: threads, tensors and results belong to it; the node that it is in the cluster is replaced as often as needed.
/// </summary>
internal static class WorkerHost
{
    public static async Task<int> RunAsync(WorkerOptions options, CancellationTokenSource stop)
    {
        if (Fault.Armed is { } faults)
        {
            await Console.Error.WriteLineAsync($"scripted faults are armed: {faults}");
        }

        Fault.Point(FaultPoints.WorkerStart);
        NativeSetup.Initialize();
        var device = DeviceChoice.Make(options.Device, options.Slot);
        var identity = WorkerIdentity.Create(device, options.Slot);
        using var plane = new DataPlane(options.Host, options.DataPort, Console.Error.WriteLine);
        var card = new WorkerCard(identity, options.Host, plane.Port);
        var status = 0;
        card.OnRefused += reason =>
        {
            Console.Error.WriteLine($"error: {reason}");
            status = 1;
            stop.Cancel();
        };
        var settings = new WorkerSettings(options.Cores is > 0 ? options.Cores.Value : Environment.ProcessorCount, Path.Combine(Path.GetFullPath(options.WorkRoot), "features"), device);
        using var runner = new ShardRunner(new ShardExecutor(settings, card), identity, TimeProvider.System);
        var targets = new JoinTargets(options.Join, Tokens.FromEnvironment());
        using var gang = new GangMember(new GangSettings
        {
            Identity = identity, Plane = plane, Token = () => targets.Current(out _) is [var target, ..] ? target.Token : null,
            Open = (submission, plan) => GangSessions.Open(submission, plan, settings),
        });
        runner.Fatal += CannotGoOn;
        gang.Fatal += CannotGoOn;
        StartProbe(card, device, stop, () => status = 71);
        var node = new WorkerNode(new WorkerNodeOptions
        {
            WorkerId = identity.Id, Join = options.Join, Token = Tokens.FromEnvironment(), Host = options.Host, Port = options.Port, HoconFile = options.Hocon,
            Embedded = Environment.GetEnvironmentVariable(ParentWatch.Variable) is { Length: > 0 },
            OnUp = system => CreateActor(system, runner, gang, card),
        });
        using var leave = new CancellationTokenSource();
        using var draining = stop.Token.Register(() => Drain(gang, leave));
        await node.RunAsync(leave.Token);
        return status;

        void CannotGoOn(string reason)
        {
            Console.Error.WriteLine($"error: this process cannot go on, another one takes its work up: {reason}");
            status = 71;
            stop.Cancel();
        }
    }

    /// <summary>A gang is left in order while the worker is still in the cluster: its last checkpoint has to be acknowledged.</summary>
    private static void Drain(GangMember gang, CancellationTokenSource leave) => new Thread(() =>
    {
        try
        {
            gang.Drain();
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"the gang could not be left in order: {e}");
        }

        leave.Cancel();
    })
    { IsBackground = true, Name = "drain" }.Start();

    /// <summary>The probe runs beside the joining of the cluster; until it is complete the worker says nothing.</summary>
    private static void StartProbe(WorkerCard card, ComputeDevice device, CancellationTokenSource stop, Action failed) => new Thread(() =>
    {
        try
        {
            var probe = MachineProbe.Compute(device);
            var machine = probe.Machine.Fields.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);
            machine["clusterbench"] = ProgramInfo.Version;
            card.Complete(probe.Digest, machine);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"error: the probe computation failed, so this machine's numbers cannot be vouched for: {e.Message}");
            failed();
            stop.Cancel();
        }
    })
    { IsBackground = true, Name = "probe" }.Start();

    private static void CreateActor(ActorSystem system, ShardRunner runner, GangMember gang, WorkerCard card)
    {
        var coordinator = system.ActorOf(
            ClusterSingletonProxy.Props($"/user/{ClusterNames.Singleton}", ClusterSingletonProxySettings.Create(system).WithRole(ClusterNames.CoordinatorRole)),
            ClusterNames.Singleton + "-proxy");
        var runs = ClusterSharding.Get(system).StartProxy(RunMessageExtractor.TypeName, ClusterNames.CoordinatorRole, new RunMessageExtractor());
        system.ActorOf(Props.Create(() => new WorkerActor(runner, gang, card, coordinator, runs)), "worker");
    }
}
