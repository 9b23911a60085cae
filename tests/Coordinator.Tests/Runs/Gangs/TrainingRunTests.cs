using Akka.Actor;
using Akka.TestKit;
using ClusterBench.Configs;
using ClusterBench.Coordinator.Runs;
using ClusterBench.Protocol;

namespace ClusterBench.Tests.Runs.Gangs;

/// <summary>The entity of a training run with a journal in memory; its workers and the coordinator are probes.</summary>
public sealed class TrainingRunTests() : Akka.TestKit.Xunit.TestKit(ActorTestSettings.Hocon)
{
    private const int Epochs = 2, StepsPerEpoch = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string folder = Directory.CreateTempSubdirectory("clusterbench-run-").FullName;

    protected override void AfterAll()
    {
        base.AfterAll();
        Sys.Terminate().Wait(Patience);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_run_forms_a_gang_starts_it_when_all_are_prepared_and_completes_with_its_last_epoch_and_checkpoint()
    {
        var (run, a, b) = Start();

        var prepare = Expect<PrepareGang>(a);
        Assert.Equal(["w1", "w2"], prepare.Members.Select(m => m.Worker));
        Assert.Equal((1, 7001), (prepare.Generation, prepare.Members[0].Port));
        Assert.Equal(1, Expect<PrepareGang>(b).Generation);
        Report(run, a, "w1", GangMemberState.GangPrepared, -1);
        Report(run, b, "w2", GangMemberState.GangPrepared, -1);
        var start = Expect<StartGang>(a);
        Assert.Equal((0L, -1, 0), (start.Step, start.Source, start.Epochs));
        Expect<StartGang>(b);
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            run.Tell(Epoch(epoch), a.Ref);
            run.Tell(Epoch(epoch), b.Ref);
            Assert.Equal(epoch, Expect<EpochAck>(a).Epoch);
            Assert.Equal(epoch, Expect<EpochAck>(b).Epoch);
            run.Tell(Checkpoint(epoch), a.Ref);
            Assert.Equal(epoch * StepsPerEpoch, Expect<CheckpointAck>(a).Step);
        }

        Assert.Equal("r", Expect<AbandonRun>(b).Run);
        var status = Status(run, a);
        Assert.Equal(("completed", 82.0), (status.Status, status.State.Metrics["top1"]));
        Assert.Equal(["epoch_1.pth", "epoch_2.pth"], Directory.GetFiles(folder, "epoch_*.pth").Select(Path.GetFileName).Order());
        Assert.Equal(2, status.State.Epochs.Count);
    }

    [Fact]
    public void Survivors_of_a_broken_gang_form_the_next_with_the_newest_state()
    {
        var (run, a, b) = Running();

        Report(run, a, "w1", GangMemberState.GangBroken, 5, lost: 1);
        run.Tell(new WorkerGone { Run = "r", Worker = "w2", Incarnation = "i", Reason = "it left the cluster" }, a.Ref);

        var prepare = Expect<PrepareGang>(a, m => m.Generation == 2);
        Assert.Equal("w1", Assert.Single(prepare.Members).Worker);
        Report(run, a, "w1", GangMemberState.GangPrepared, 5, generation: 2, digest: "d");
        var start = Expect<StartGang>(a, m => m.Generation == 2);
        Assert.Equal((5L, 0), (start.Step, start.Source));
        Assert.Equal(1, Status(run, a).State.Recoveries);
        GC.KeepAlive(b);
    }

    [Fact]
    public void A_member_of_an_older_generation_that_still_trains_is_told_that_it_is_over()
    {
        var (run, a, b) = Running();
        Report(run, a, "w1", GangMemberState.GangBroken, 5, lost: 1);
        run.Tell(new WorkerGone { Run = "r", Worker = "w2", Incarnation = "i", Reason = "it left the cluster" }, a.Ref);
        Expect<PrepareGang>(a, m => m.Generation == 2);

        Report(run, b, "w2", GangMemberState.GangTraining, 4);

        Assert.Equal(1, Expect<AbortGang>(b).Generation);
    }

    [Fact]
    public void A_checkpoint_whose_file_is_not_there_is_acknowledged_and_never_stored()
    {
        var (run, a, _) = Running();
        var done = Checkpoint(1);
        File.Delete(done.Result.File.Path);
        run.Tell(done, a.Ref);
        Expect<CheckpointAck>(a);
        Assert.Empty(Status(run, a).State.Checkpoints);
    }

    [Fact]
    public void An_error_that_any_worker_would_meet_fails_the_run_and_names_the_last_good_checkpoint()
    {
        var (run, a, _) = Running();
        var done = Checkpoint(1);
        run.Tell(done, a.Ref);
        Expect<CheckpointAck>(a);
        run.Tell(new GangReport { Run = "r", Generation = 1, Worker = "w1", Incarnation = "i", State = GangMemberState.GangBroken, Step = 12, Fatal = true, Reason = "The loss of step 12 is NaN." }, a.Ref);
        Expect<AbandonRun>(a);
        var status = Status(run, a);
        Assert.Equal("failed", status.Status);
        Assert.Equal($"The loss of step 12 is NaN. The last good checkpoint is {done.Result.File.Path} (step 10 of 20).", status.State.Error);
    }

    [Fact]
    public void A_restarted_coordinator_adopts_the_gang_and_tells_its_members_nothing()
    {
        var (run, a, b) = Running();
        var coordinator = CreateTestProbe("coordinator-2");
        Watch(run);
        run.Tell(PoisonPill.Instance);
        ExpectTerminated(run, Patience);
        var again = Sys.ActorOf(Props.Create(() => new BenchmarkRun("r", Context(coordinator))), "run-again");

        Lend(again, a, "w1", 7001);
        Lend(again, b, "w2", 7002);
        Report(again, a, "w1", GangMemberState.GangTraining, 7);
        Report(again, b, "w2", GangMemberState.GangTraining, 7);

        var status = Status(again, a);
        Assert.Equal(("running", 1, 7L), (status.Status, status.Training.Generation, status.Training.Step));
        Assert.Single(status.State.Gangs);
        a.ExpectNoMsg(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gang_that_never_heard_when_to_begin_hears_it_from_the_restarted_coordinator(bool stored)
    {
        var (run, a, b) = Start();
        Expect<PrepareGang>(a);
        Expect<PrepareGang>(b);
        if (stored)
        {
            Report(run, a, "w1", GangMemberState.GangPrepared, -1);
            Report(run, b, "w2", GangMemberState.GangPrepared, -1);
            Expect<StartGang>(a);
            Expect<StartGang>(b);
        }

        var coordinator = CreateTestProbe("coordinator-2");
        Watch(run);
        run.Tell(PoisonPill.Instance);
        ExpectTerminated(run, Patience);
        var again = Sys.ActorOf(Props.Create(() => new BenchmarkRun("r", Context(coordinator))), "run-again");
        Lend(again, a, "w1", 7001);
        Lend(again, b, "w2", 7002);
        Report(again, a, "w1", GangMemberState.GangPrepared, -1);
        Report(again, b, "w2", GangMemberState.GangPrepared, -1);

        var start = Expect<StartGang>(a);
        Assert.Equal((1, 0L, -1), (start.Generation, start.Step, start.Source));
        Assert.Equal(start, Expect<StartGang>(b));
        Assert.Single(Status(again, a).State.Gangs);
    }

    private (IActorRef Run, TestProbe A, TestProbe B) Running()
    {
        var (run, a, b) = Start();
        Expect<PrepareGang>(a);
        Expect<PrepareGang>(b);
        Report(run, a, "w1", GangMemberState.GangPrepared, -1);
        Report(run, b, "w2", GangMemberState.GangPrepared, -1);
        Expect<StartGang>(a);
        Expect<StartGang>(b);
        Report(run, a, "w1", GangMemberState.GangTraining, 0);
        Report(run, b, "w2", GangMemberState.GangTraining, 0);
        return (run, a, b);
    }

    private (IActorRef Run, TestProbe A, TestProbe B) Start()
    {
        var coordinator = CreateTestProbe("coordinator");
        var (a, b) = (CreateTestProbe("w1"), CreateTestProbe("w2"));
        var run = Sys.ActorOf(Props.Create(() => new BenchmarkRun("r", Context(coordinator))), "run");
        run.Tell(new AcceptRun { Submission = Submission() }, coordinator.Ref);
        coordinator.FishForMessage<RunAcceptedAck>(_ => true, Patience);
        run.Tell(new ShardDone { Run = "r", Result = new ShardCompleted { Shard = "prepare" }, Plan = Plan() }, a.Ref);
        Expect<ShardAck>(a);
        Lend(run, a, "w1", 7001);
        Lend(run, b, "w2", 7002);
        return (run, a, b);
    }

    private static RunContext Context(TestProbe coordinator) => new(coordinator.Ref, "", TimeProvider.System);

    private static void Lend(IActorRef run, TestProbe worker, string name, int port) => run.Tell(
        new WorkerLent { Run = "r", Worker = name, Incarnation = "i", Path = worker.Ref.Path.ToString(), DataHost = "127.0.0.1", DataPort = port }, worker.Ref);

    private static void Report(IActorRef run, TestProbe worker, string name, GangMemberState state, long step, int generation = 1, int? lost = null, string digest = "")
    {
        var report = new GangReport { Run = "r", Generation = generation, Worker = name, Incarnation = "i", State = state, Step = step, Checkpoint = -1, Digest = digest };
        if (lost is { } rank)
        {
            report.Lost.Add(rank);
        }

        run.Tell(report, worker.Ref);
    }

    private static EpochDone Epoch(int epoch) => new() { Run = "r", Result = new EpochCompleted { Epoch = epoch, Step = epoch * StepsPerEpoch, Generation = 1, Metrics = { ["top1"] = 80 + epoch } } };

    private CheckpointDone Checkpoint(int epoch)
    {
        var step = epoch * StepsPerEpoch;
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "checkpoints")).FullName, $"step_{step}-g1-i.pth");
        File.WriteAllBytes(file, new byte[step]);
        return new CheckpointDone { Run = "r", Result = new CheckpointWritten { Step = step, Epochs = epoch, Generation = 1, Worker = "w1", Incarnation = "i", File = new ShardFile { Path = file, Bytes = step, Sha256 = "x" } } };
    }

    private static T Expect<T>(TestProbe probe, Predicate<T>? which = null) => probe.FishForMessage<T>(which ?? (_ => true), Patience);

    private static RunStatus Status(IActorRef run, TestProbe probe)
    {
        run.Tell(new GetRun { Run = "r" }, probe.Ref);
        return Expect<RunStatus>(probe);
    }

    private static PlanMade Plan() => new()
    {
        Batch = 16, Threads = 1, ProbeDigest = "d", Training = new TrainingPlanData { VirtualRanks = 4, ImagesPerRank = 16, Epochs = Epochs, StepsPerEpoch = StepsPerEpoch },
    };

    private SubmissionData Submission() => new()
    {
        Run = "r", Benchmark = "finetune", Config = "finetune.yaml", WorkDir = folder, Hash = new string('a', 64), ExpectedWorkers = 2,
        Checkpoint = new InputFileData { Path = "/c.pth", Sha256 = new string('b', 64) },
        ConfigText = RunConfigText.Write(new RunConfig
        {
            Benchmark = "finetune", Backbone = new BackboneConfig { Type = "ResNet", Depth = 18 }, BatchSize = 16, Pool = "gap", Features = ["feat5"],
            Data = new Dictionary<string, DatasetConfig>
            {
                ["train"] = new() { Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/l", Root = "/r" }, Pipeline = [new ToTensorConfig()] },
                ["val"] = new() { Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/l", Root = "/r" }, Pipeline = [new ToTensorConfig()] },
            },
            Training = new TrainingConfig
            {
                VirtualRanks = 4, ImagesPerRank = 16, Epochs = Epochs, FrozenBackbone = false, Head = new HeadConfig { Feature = "feat5", Classes = 10 },
                Optimizer = new OptimizerConfig { LearningRate = 0.05 }, Schedule = new ScheduleConfig { Policy = "Fixed" },
            },
            Threads = 1, Precision = "fp32", Reduction = "exact", Device = "cpu", Seed = 0, AllowPartial = false,
        }),
    };
}
