using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using ClusterBench.Coordinator.Queue;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Tests.Queue;

/// <summary>The coordinator with a journal in memory; its runs and workers are probes.</summary>
public sealed class LendingTests() : Akka.TestKit.Xunit.TestKit(Hocon)
{
    private const string Own = """
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static Config Hocon => ConfigurationFactory.ParseString(Own).WithFallback(ConfigurationFactory.ParseString(ActorTestSettings.Hocon));

    [Fact]
    public void In_a_mixed_cluster_a_run_gets_workers_of_its_device_only()
    {
        var (coordinator, runs) = Start();
        Submit(coordinator, runs, "on-cpu");
        Hello(coordinator, "h/cuda-1", "cuda:1");
        Hello(coordinator, "h/cpu-1", "cpu");
        Hello(coordinator, "h/cpu-2", "cpu");

        coordinator.Tell(new RunWants { Run = "on-cpu", Workers = 3, Device = "cpu" }, runs.Ref);

        Assert.Equal("h/cpu-1", runs.FishForMessage<WorkerLent>(_ => true, Patience).Worker);
        Assert.Equal("h/cpu-2", runs.FishForMessage<WorkerLent>(_ => true, Patience).Worker);
        Submit(coordinator, runs, "on-gpu");
        coordinator.Tell(new RunWants { Run = "on-gpu", Workers = 1, Device = "cuda" }, runs.Ref);
        var lent = runs.FishForMessage<WorkerLent>(_ => true, Patience);
        Assert.Equal(("on-gpu", "h/cuda-1"), (lent.Run, lent.Worker));
    }

    [Fact]
    public void A_run_whose_device_nobody_has_is_told_so_and_served_when_a_worker_of_it_comes()
    {
        var (coordinator, runs) = Start();
        Submit(coordinator, runs, "on-gpu");
        Hello(coordinator, "h/cpu-1", "cpu");

        coordinator.Tell(new RunWants { Run = "on-gpu", Workers = 1, Device = "cuda" }, runs.Ref);

        var unfit = runs.FishForMessage<NoFitWorker>(_ => true, Patience);
        Assert.Equal(("on-gpu", "h/cpu-1", "cpu"), (unfit.Run, unfit.Worker, unfit.Device));
        Hello(coordinator, "h/cuda-1", "cuda:0");
        Assert.Equal("h/cuda-1", runs.FishForMessage<WorkerLent>(_ => true, Patience).Worker);
    }

    [Fact]
    public void A_worker_of_the_device_with_another_digest_is_not_lent_and_says_what_it_is()
    {
        var (coordinator, runs) = Start();
        Submit(coordinator, runs, "r");
        Hello(coordinator, "h/cuda-1", "cuda:0", digest: "other");
        Hello(coordinator, "h/cpu-1", "cpu", digest: "d");

        coordinator.Tell(new RunWants { Run = "r", Workers = 1, Device = "cuda", ProbeDigest = "d" }, runs.Ref);

        // Said again at the next tick, with nothing lent in between.
        for (var i = 0; i < 2; i++)
        {
            var unfit = Assert.IsType<NoFitWorker>(runs.FishForMessage<object>(m => m is NoFitWorker or WorkerLent, Patience));
            Assert.Equal(("h/cuda-1", ""), (unfit.Worker, unfit.Device));
        }
    }

    private (IActorRef Coordinator, TestProbe Runs) Start()
    {
        var runs = CreateTestProbe("runs");
        var context = new CoordinatorContext(runs.Ref, "", TimeProvider.System);
        return (Sys.ActorOf(Props.Create(() => new BenchmarkCoordinator(context))), runs);
    }

    private static void Submit(IActorRef coordinator, TestProbe runs, string run)
    {
        coordinator.Tell(new SubmitRun { Submission = new SubmissionData { Run = run, Hash = new string('a', 64) } }, runs.Ref);
        runs.FishForMessage<AcceptRun>(m => m.Submission.Run == run, Patience);
        coordinator.Tell(new RunAcceptedAck { Run = run }, runs.Ref);
    }

    private void Hello(IActorRef coordinator, string worker, string device, string digest = "d")
    {
        var probe = CreateTestProbe();
        coordinator.Tell(
            new WorkerHello { Worker = worker, Incarnation = "i", ProtocolVersion = WireTypes.ProtocolVersion, Device = device, ProbeDigest = digest},
            probe.Ref);
        probe.FishForMessage<WorkerWelcome>(_ => true, Patience);
    }
}
