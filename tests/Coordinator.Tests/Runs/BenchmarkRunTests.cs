using Akka.Actor;
using Akka.TestKit;
using ClusterBench.Configs;
using ClusterBench.Coordinator.Runs;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Tests.Runs;

/// <summary>The entity with a journal in memory; workers and the coordinator are probes.</summary>
public sealed class BenchmarkRunTests() : Akka.TestKit.Xunit.TestKit(ActorTestSettings.Hocon)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string folder = Directory.CreateTempSubdirectory("clusterbench-run-").FullName;

    protected override void AfterAll()
    {
        base.AfterAll();
        // The base shuts down after this only: waiting for it here would wait in vain.
        Sys.Terminate().Wait(Patience);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Shards_are_handed_out_one_per_worker_and_acknowledged_after_they_are_stored()
    {
        var (run, _, worker) = Start();
        Prepare(run, worker);
        Lend(run, worker, "w1");

        var shard = Expect<RunShard>(worker);
        Assert.Equal("extract/train/0000", shard.Shard);
        run.Tell(Done(shard.Shard), worker.Ref);

        Assert.Equal(shard.Shard, Expect<ShardAck>(worker).Shard);
        Assert.Equal("extract/train/0001", Expect<RunShard>(worker, m => m.Shard != shard.Shard).Shard);
    }

    [Fact]
    public void A_result_that_comes_twice_is_counted_once_and_acknowledged_twice()
    {
        var (run, _, worker) = Start();
        Prepare(run, worker);
        run.Tell(Done("extract/train/0000"), worker.Ref);
        run.Tell(Done("extract/train/0000"), worker.Ref);

        Expect<ShardAck>(worker);
        Expect<ShardAck>(worker);
        Assert.Single(Status(run, worker).State.Completed);
    }

    [Fact]
    public void A_lost_workers_shard_goes_to_another_and_is_a_recovery()
    {
        var (run, _, worker) = Start();
        Prepare(run, worker);
        Lend(run, worker, "w1");
        var shard = Expect<RunShard>(worker).Shard;

        run.Tell(new WorkerGone { Run = "r", Worker = "w1", Incarnation = "i", Reason = "it left the cluster" }, worker.Ref);
        var other = CreateTestProbe("other");
        Lend(run, other, "w2");

        Assert.Equal(shard, Expect<RunShard>(other).Shard);
        Assert.Equal(1, Status(run, worker).State.Recoveries);
    }

    [Fact]
    public void The_loss_of_another_incarnation_of_a_worker_takes_nothing_from_it()
    {
        var (run, _, worker) = Start();
        Prepare(run, worker);
        Lend(run, worker, "w1");
        Expect<RunShard>(worker);

        run.Tell(new WorkerGone { Run = "r", Worker = "w1", Incarnation = "older", Reason = "started again" }, worker.Ref);

        var status = Status(run, worker);
        Assert.Equal(["w1"], status.Workers);
        Assert.Equal(0, status.State.Recoveries);
    }

    [Fact]
    public void Bad_input_fails_the_run_at_once_with_the_workers_words()
    {
        var (run, coordinator, worker) = Start();
        Prepare(run, worker);
        Lend(run, worker, "w1");
        var shard = Expect<RunShard>(worker).Shard;
        run.Tell(new ShardError { Run = "r", Shard = shard, Worker = "w1", Incarnation = "i", Fatal = true, Reason = "a.png is truncated" }, worker.Ref);

        Assert.Equal("failed", Expect<RunEnded>(coordinator).Status);
        Assert.Equal("a.png is truncated", Status(run, worker).State.Error);
    }

    [Fact]
    public void A_shard_that_fails_five_times_in_a_row_fails_the_run_and_is_named()
    {
        var (run, coordinator, worker) = Start();
        Prepare(run, worker);
        for (var i = 0; i < 5; i++)
        {
            run.Tell(new ShardError { Run = "r", Shard = "extract/val/0000", Worker = "w1", Incarnation = "i", Reason = "out of luck" }, worker.Ref);
        }

        Assert.Equal("failed", Expect<RunEnded>(coordinator).Status);
        Assert.Contains("extract/val/0000", Status(run, worker).State.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void After_its_death_a_run_remembers_everything_and_adopts_the_shard_that_a_worker_is_at()
    {
        var (run, coordinator, worker) = Start();
        Prepare(run, worker);
        run.Tell(Done("extract/train/0000"), worker.Ref);
        Expect<ShardAck>(worker);
        Kill(run);

        var again = Create(coordinator);
        again.Tell(new WorkerLent { Run = "r", Worker = "w1", Incarnation = "i", Path = worker.Ref.Path.ToString(), Shard = "extract/train/0003" }, worker.Ref);

        var status = Status(again, worker);
        Assert.Single(status.State.Completed);
        Assert.Equal(1, status.State.Recoveries);
        Assert.Equal("running", status.Status);
        Assert.Equal("extract/train/0003", Expect<RunShard>(worker).Shard);
    }

    [Fact]
    public void An_open_run_of_another_embedded_call_waits_until_it_is_resumed()
    {
        var (run, coordinator, worker) = Start();
        Kill(run);

        var again = Create(coordinator, owner: "second");
        Assert.Equal("interrupted", Status(again, worker).Status);
        again.Tell(new ResumeRun { Run = "r" }, worker.Ref);
        Assert.True(Expect<CommandReply>(worker).Accepted);
        Lend(again, worker, "w1");

        Assert.Equal("prepare", Expect<RunShard>(worker).Shard);
    }

    [Fact]
    public void A_completed_run_writes_its_events_once_each_and_ends()
    {
        var (run, coordinator, worker) = Start();
        Prepare(run, worker);
        var shards = ShardPlanner.Shards("features", Plan());
        foreach (var shard in shards)
        {
            run.Tell(Done(shard.Id), worker.Ref);
            Expect<ShardAck>(worker, m => m.Shard == shard.Id);
        }

        Assert.Equal("completed", Expect<RunEnded>(coordinator).Status);
        var lines = File.ReadAllLines(Path.Combine(folder, "events.jsonl"));
        Assert.Equal(shards.Count + 3, lines.Length);
        Assert.Contains("RunCompleted", lines[^1], StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Fact]
    public void Cancel_tells_the_worker_to_stop_and_ends_the_run()
    {
        var (run, coordinator, worker) = Start();
        Prepare(run, worker);
        Lend(run, worker, "w1");
        Expect<RunShard>(worker);

        run.Tell(new CancelRun { Run = "r" }, worker.Ref);

        Expect<AbandonRun>(worker);
        Assert.Equal("canceled", Expect<RunEnded>(coordinator).Status);
    }

    [Fact]
    public void A_run_asks_for_workers_of_its_configs_device_and_says_when_there_are_none()
    {
        var (run, coordinator, worker) = Start(device: "cuda");
        Assert.Equal("cuda", Expect<RunWants>(coordinator).Device);

        run.Tell(new NoFitWorker { Run = "r", Worker = "h/cpu-1", Device = "cpu" }, coordinator.Ref);

        Assert.Equal(
            "waiting for a worker on cuda: no worker of the cluster computes on it (h/cpu-1 has cpu). "
            + "Start one with `clusterbench worker --device cuda`, or submit the run anew with `--device cpu`",
            Status(run, worker).WaitingFor);
    }

    private static T Expect<T>(TestProbe probe, Predicate<T>? when = null) => probe.FishForMessage<T>(m => when?.Invoke(m) ?? true, Patience);

    private (IActorRef Run, TestProbe Coordinator, TestProbe Worker) Start(string device = "cpu")
    {
        var coordinator = CreateTestProbe("coordinator");
        var worker = CreateTestProbe("worker");
        var run = Create(coordinator);
        run.Tell(new AcceptRun { Submission = Submission(device), Owner = "first" }, coordinator.Ref);
        Expect<RunAcceptedAck>(coordinator);
        return (run, coordinator, worker);
    }

    private IActorRef Create(TestProbe coordinator, string owner = "first")
    {
        var context = new RunContext(coordinator.Ref, owner, TimeProvider.System);
        return Sys.ActorOf(Props.Create(() => new BenchmarkRun("r", context)));
    }

    private void Kill(IActorRef run)
    {
        Watch(run);
        run.Tell(PoisonPill.Instance);
        ExpectTerminated(run, Patience);
    }

    private static void Prepare(IActorRef run, TestProbe worker)
    {
        run.Tell(new ShardDone { Run = "r", Result = new ShardCompleted { Shard = "prepare" }, Plan = Plan() }, worker.Ref);
        Expect<ShardAck>(worker, m => m.Shard == "prepare");
    }

    private static void Lend(IActorRef run, TestProbe worker, string name) =>
        run.Tell(new WorkerLent { Run = "r", Worker = name, Incarnation = "i", Path = worker.Ref.Path.ToString() }, worker.Ref);

    private static ShardDone Done(string shard) => new() { Run = "r", Result = new ShardCompleted { Shard = shard, Worker = "w1", Incarnation = "i" } };

    private static RunStatus Status(IActorRef run, TestProbe worker)
    {
        run.Tell(new GetRun { Run = "r" }, worker.Ref);
        return Expect<RunStatus>(worker);
    }

    private static PlanMade Plan() => new()
    {
        Batch = 64, Threads = 1, ProbeDigest = "d", Dimensions = { ["feat5"] = 128 },
        Splits = { new SplitPlan { Split = "train", Images = 2000, ShardImages = 256 }, new SplitPlan { Split = "val", Images = 100, ShardImages = 256 } },
    };

    private SubmissionData Submission(string device) => new()
    {
        Run = "r", Benchmark = "features", Config = "selfsup.yaml", WorkDir = folder, OutDir = folder, Hash = new string('a', 64),
        Checkpoint = new InputFileData { Path = "/c.pth", Sha256 = new string('b', 64) },
        ConfigText = RunConfigText.Write(new RunConfig
        {
            Benchmark = "features", Backbone = new BackboneConfig { Type = "ResNet", Depth = 18 }, BatchSize = 64, Pool = "gap", Features = ["feat5"],
            Data = new Dictionary<string, DatasetConfig>
            {
                ["train"] = new() { Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/l", Root = "/r" }, Pipeline = [new ToTensorConfig()] },
            },
            Threads = 1, Precision = "fp32", Reduction = "exact", Device = device, Seed = 0, AllowPartial = false,
        }),
    };
}
