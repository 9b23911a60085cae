using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Persistence;
using ClusterBench.Api;
using ClusterBench.Cluster;
using ClusterBench.Coordinator.Http;
using ClusterBench.Coordinator.Journal;
using ClusterBench.Coordinator.Membership;
using ClusterBench.Coordinator.Queue;
using ClusterBench.Coordinator.Runs;
using ClusterBench.Faults;
using ClusterBench.Files;

namespace ClusterBench.Coordinator;

/// <summary>The coordinator process: lease, API, cluster node, runs.</summary>
public static class CoordinatorHost
{
    private static readonly TimeSpan FirstAnswerLimit = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Runs until cancelled (0), or until the node has ended on its own (70: whoever started it starts it again).
    /// </summary>
    /// <exception cref="UserErrorException">
    /// The journal is held by another coordinator, a port is taken, a setting is wrong; or the journal's file cannot be written any
    /// more (<see cref="NodeExit.JournalUnusable"/>).
    /// </exception>
    public static async Task<int> RunAsync(CoordinatorOptions options, CancellationToken stop)
    {
        if (Fault.Armed is { } faults)
        {
            await Console.Error.WriteLineAsync($"scripted faults are armed: {faults}");
        }

        // The lease first: a second coordinator must not even answer on a port.
        await using var node = await CoordinatorNode.StartAsync(
            new CoordinatorNodeOptions
            {
                JournalFile = options.JournalFile, Host = options.Host, Port = options.Port, HoconFile = options.HoconFile,
                Embedded = options.Owner.Length > 0,
            },
            stop);
        await using var api = await ApiServer.StartAsync(options.Host, options.ApiPort, options.Token, stop);
        WriteClusterFile(options, api.Url);
        await Console.Error.WriteLineAsync($"API at {api.Url}");
        try
        {
            // Before the node is a member: what they load and compile is done while the cluster is joined.
            var journal = new JournalFailure();
            var (coordinator, runs) = StartActors(node.System, options.Owner, journal);
            await node.Ready.WaitAsync(stop);
            api.Joinable(node.JoinInfo!);
            var backend = new ApiBackend(coordinator, runs, options.JournalFile, TimeProvider.System);
            if (await AnswersAsync(backend, node.Ended, stop))
            {
                api.Ready(backend);
                await Console.Out.WriteLineAsync("clusterbench: ready");
                await Task.WhenAny(node.Ended, journal.Seen).WaitAsync(stop);
            }

            if (journal.Seen.IsCompletedSuccessfully)
            {
                // Thrown, so that it is the last thing that is said, after all that the node says while it ends.
                throw new UserErrorException($"the journal {options.JournalFile} cannot be written: {await journal.Seen} Make room there or mend what is wrong, "
                    + "then go on with the run: what is finished is stored, and nothing was acknowledged that is not.", NodeExit.JournalUnusable);
            }

            await Console.Error.WriteLineAsync("the coordinator's cluster node has ended on its own; it has to be started again");
            return 70;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>
    /// The singleton and the region of runs live on every coordinator node, of which there is one at a time; each finds the other by
    /// a proxy, since neither waits for the other to start.
    /// </summary>
    private static (IActorRef Coordinator, IActorRef Runs) StartActors(ActorSystem system, string owner, JournalFailure journal)
    {
        Persistence.Instance.Apply(system);
        var proxy = system.ActorOf(
            ClusterSingletonProxy.Props($"/user/{ClusterNames.Singleton}", ClusterSingletonProxySettings.Create(system).WithRole(ClusterNames.CoordinatorRole)),
            ClusterNames.Singleton + "-proxy");
        var context = new RunContext(proxy, owner, TimeProvider.System) { Journal = journal };
        // The extension first: it brings the reference settings that ClusterShardingSettings reads.
        var sharding = ClusterSharding.Get(system);
        var settings = ClusterShardingSettings.Create(system).WithRole(ClusterNames.CoordinatorRole);
        var runs = sharding.Start(
            RunMessageExtractor.TypeName, id => Props.Create(() => new BenchmarkRun(id, context)), settings, new RunMessageExtractor());
        var coordinator = new CoordinatorContext(runs, owner, TimeProvider.System) { Journal = journal };
        system.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new BenchmarkCoordinator(coordinator)), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(ClusterNames.CoordinatorRole)),
            ClusterNames.Singleton);
        return (proxy, runs);
    }

    /// <summary>
    /// Waits until the benchmark coordinator answers: it begins when its predecessor is removed from the cluster and its records are
    /// read, and on a machine with much else to do neither has a fixed time. False: the node ended before.
    /// </summary>
    private static async Task<bool> AnswersAsync(ApiBackend backend, Task ended, CancellationToken stop)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!ended.IsCompleted)
        {
            try
            {
                await backend.Workers().WaitAsync(stop);
                return true;
            }
            catch (AskTimeoutException) when (TimeProvider.System.GetElapsedTime(begin) < FirstAnswerLimit)
            {
                await Console.Error.WriteLineAsync("waiting for the queue of runs to be read from the journal");
            }
            catch (AskTimeoutException e)
            {
                throw new UserErrorException(
                    $"The queue of runs could not be read from the journal within {FirstAnswerLimit.TotalSeconds:0} s; the lines above say why. Start the coordinator again.", 70, e);
            }
        }

        return false;
    }

    private static void WriteClusterFile(CoordinatorOptions options, string url)
    {
        Directory.CreateDirectory(options.StateDir);
        var parent = Environment.GetEnvironmentVariable(ParentWatch.Variable);
        var content = new ClusterFile
        {
            Url = url, Token = options.Token, CoordinatorPid = Environment.ProcessId, Pid = int.TryParse(parent, CultureInfo.InvariantCulture, out var pid) ? pid : Environment.ProcessId,
        };
        AtomicFile.Write(Path.Combine(options.StateDir, "cluster.json"), f =>
        {
            if (f is FileStream file && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            JsonSerializer.Serialize(f, content, ApiJson.Default.ClusterFile);
        });
    }
}
