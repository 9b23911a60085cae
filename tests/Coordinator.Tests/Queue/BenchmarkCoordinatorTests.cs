using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using ClusterBench.Coordinator.Queue;
using ClusterBench.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace ClusterBench.Tests.Queue;

/// <summary>Queue and register with a journal in memory; runs and workers are probes.</summary>
public sealed class BenchmarkCoordinatorTests() : Akka.TestKit.Xunit.TestKit(
    ConfigurationFactory.ParseString("""
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.cluster.downing-provider-class = ""
        """).WithFallback(ActorTestSettings.Hocon))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public void A_run_is_stored_before_the_client_hears_of_it_and_is_sent_until_it_is_accepted()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");

        Assert.Equal("a", Expect<AcceptRun>(runs).Submission.Run);
        Assert.Equal("a", Expect<AcceptRun>(runs).Submission.Run);
        coordinator.Tell(new RunAcceptedAck { Run = "a" });
        Kill(coordinator);

        Create(runs);
        Assert.Equal("a", Expect<AcceptRun>(runs).Submission.Run);
    }

    [Fact]
    public void The_same_run_sent_twice_is_one_run_and_the_same_id_with_another_hash_is_refused()
    {
        var (coordinator, _, client) = Start();
        Submit(coordinator, client, "a");
        coordinator.Tell(new SubmitRun { Submission = Submission("a") }, client.Ref);
        Assert.True(Expect<CommandReply>(client).Accepted);

        coordinator.Tell(new SubmitRun { Submission = Submission("a", hash: 'f') }, client.Ref);

        var refused = Expect<CommandReply>(client);
        Assert.Equal((false, 409), (refused.Accepted, refused.Status));
        coordinator.Tell(new GetRuns(), client.Ref);
        Assert.Single(Expect<RunList>(client).Runs);
    }

    [Fact]
    public void All_free_workers_go_to_the_oldest_run_that_wants_them()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        Submit(coordinator, client, "b");
        coordinator.Tell(new RunWants { Run = "b", Workers = 5 }, runs.Ref);
        coordinator.Tell(new RunWants { Run = "a", Workers = 1 }, runs.Ref);
        Hello(coordinator, client, "w1");
        Hello(coordinator, client, "w2");

        var loans = new[] { Expect<WorkerLent>(runs), Expect<WorkerLent>(runs) };
        Assert.Equal([("w1", "a"), ("w2", "b")], loans.Select(l => (l.Worker, l.Run)));
    }

    [Fact]
    public void A_worker_of_another_kind_is_not_lent_and_the_run_is_told_why()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        coordinator.Tell(new RunWants { Run = "a", Workers = 1, ProbeDigest = "other" }, runs.Ref);
        Hello(coordinator, client, "w1");

        Assert.Equal("AMD", Expect<NoFitWorker>(runs).Machine["CPU"]);
        coordinator.Tell(new GetWorkers(), client.Ref);
        Assert.Equal("idle", Expect<WorkerList>(client).Workers.Single().State);
    }

    [Fact]
    public void Another_incarnation_in_the_same_place_means_that_the_first_is_gone()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        coordinator.Tell(new RunWants { Run = "a", Workers = 1 }, runs.Ref);
        Hello(coordinator, client, "w1", incarnation: "first");
        Assert.Equal("first", Expect<WorkerLent>(runs).Incarnation);

        Hello(coordinator, client, "w1", incarnation: "second");

        Assert.Equal("first", Expect<WorkerGone>(runs).Incarnation);
    }

    [Fact]
    public void After_a_restart_a_busy_worker_is_given_back_to_its_run_before_anything_is_lent()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        Submit(coordinator, client, "b");
        Kill(coordinator);
        var again = Create(runs);
        again.Tell(new RunWants { Run = "a", Workers = 5 }, runs.Ref);
        again.Tell(new RunWants { Run = "b", Workers = 5 }, runs.Ref);
        Hello(again, client, "idle");
        Hello(again, client, "busy", run: "b", shard: "extract/train/0002");

        var first = Expect<WorkerLent>(runs);
        Assert.Equal(("busy", "b", "extract/train/0002"), (first.Worker, first.Run, first.Shard));

        time.Advance(TimeSpan.FromSeconds(6));
        Hello(again, client, "idle");
        var second = Expect<WorkerLent>(runs);
        Assert.Equal(("idle", "a"), (second.Worker, second.Run));
    }

    [Fact]
    public void A_worker_at_a_run_that_has_ended_is_told_to_stop()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        coordinator.Tell(new RunEnded { Run = "a", Status = "canceled" }, runs.Ref);
        Expect<RunEndedAck>(runs);

        Hello(coordinator, client, "w1", run: "a", shard: "merge");

        Assert.Equal("a", Expect<AbandonRun>(client).Run);
    }

    [Fact]
    public void A_worker_of_another_protocol_version_is_refused_with_both_versions()
    {
        var (coordinator, _, client) = Start();
        coordinator.Tell(new WorkerHello { Worker = "w1", Incarnation = "i", ProtocolVersion = 99, ProgramVersion = "9.9.9" }, client.Ref);

        var reason = Expect<WorkerRefused>(client).Reason;
        Assert.Contains("9.9.9", reason, StringComparison.Ordinal);
        Assert.Contains(ProgramInfo.Version, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_run_stays_closed_over_a_restart_and_resume_opens_it()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        coordinator.Tell(new RunEnded { Run = "a", Status = "failed" }, runs.Ref);
        Expect<RunEndedAck>(runs);
        Kill(coordinator);
        var again = Create(runs);
        again.Tell(new GetRuns(), client.Ref);
        Assert.True(Expect<RunList>(client).Runs.Single().Closed);

        again.Tell(new ResumeRun { Run = "a" }, client.Ref);

        Assert.Equal("a", Expect<ResumeRun>(runs).Run);
        again.Tell(new GetRuns(), client.Ref);
        Assert.False(Expect<RunList>(client).Runs.Single().Closed);
    }

    [Fact]
    public void A_worker_that_says_nothing_for_ten_seconds_is_lost_and_lent_to_nobody()
    {
        var (coordinator, runs, client) = Start();
        Submit(coordinator, client, "a");
        Hello(coordinator, client, "w1");
        Expect<WorkerWelcome>(client);
        time.Advance(TimeSpan.FromSeconds(11));
        coordinator.Tell(new GetWorkers(), client.Ref);
        Assert.Equal("lost", Expect<WorkerList>(client).Workers.Single().State);

        coordinator.Tell(new RunWants { Run = "a", Workers = 1 }, runs.Ref);
        Hello(coordinator, client, "w2");

        Assert.Equal("w2", Expect<WorkerLent>(runs).Worker);
    }

    private static T Expect<T>(TestProbe probe) => probe.FishForMessage<T>(_ => true, Patience);

    private (IActorRef Coordinator, TestProbe Runs, TestProbe Client) Start()
    {
        var runs = CreateTestProbe("runs");
        return (Create(runs), runs, CreateTestProbe("client"));
    }

    private IActorRef Create(TestProbe runs)
    {
        var context = new CoordinatorContext(runs.Ref, "owner", time);
        return Sys.ActorOf(Props.Create(() => new BenchmarkCoordinator(context)));
    }

    private void Kill(IActorRef actor)
    {
        Watch(actor);
        actor.Tell(PoisonPill.Instance);
        ExpectTerminated(actor, Patience);
    }

    private static void Submit(IActorRef coordinator, TestProbe client, string run)
    {
        coordinator.Tell(new SubmitRun { Submission = Submission(run) }, client.Ref);
        Assert.True(Expect<CommandReply>(client).Accepted);
    }

    private static void Hello(IActorRef coordinator, TestProbe worker, string name, string incarnation = "i", string run = "", string shard = "") =>
        coordinator.Tell(
            new WorkerHello
            {
                Worker = name, Incarnation = incarnation, ProtocolVersion = WireTypes.ProtocolVersion, ProbeDigest = "digest",
                Machine = { ["CPU"] = "AMD" }, Run = run, Shard = shard,
            },
            worker.Ref);

    private static SubmissionData Submission(string run, char hash = 'a') => new() { Run = run, Benchmark = "knn", Hash = new string(hash, 64) };
}
