using ClusterBench.Configs;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class TrainingLogObserverTests : IDisposable
{
    // 64 images on 2 ranks of 4: 8 steps an epoch.
    private static readonly TrainingPlan Plan = new(
        SampleRun.Linear(epochs: 3) with
        {
            Training = SampleRun.Linear(epochs: 3).Training! with { VirtualRanks = 2, ImagesPerRank = 4, LogInterval = 4 },
        },
        trainImages: 64, valImages: 10);

    private readonly string _folder = Directory.CreateTempSubdirectory("clusterbench-log-").FullName;

    private string LogPath => Path.Combine(_folder, "log.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_trained_run_leaves_a_line_every_interval_and_one_for_each_evaluation()
    {
        var config = SampleRun.Linear(epochs: 2);
        config = config with { Training = config.Training! with { VirtualRanks = 2, ImagesPerRank = 4, LogInterval = 3, EvaluationInterval = 1 } };
        using var session = SampleRun.Session(config, SampleRun.Data(config, train: 32, val: 10));
        using var collective = Gang.One(session);
        using var observer = new TrainingLogObserver(_folder, session.Plan, TimeProvider.System);
        var seen = new Recorder();

        observer.Begin(collective.Group, 0);
        new Trainer(session, collective, new Both(observer, seen), TimeProvider.System).Run(0, TestContext.Current.CancellationToken);

        var lines = TrainingLogFile.Read(LogPath).Lines;
        Assert.Equal([("train", 3L), ("val", 4), ("train", 6), ("val", 8)], lines.Select(static l => (l.Mode, l.Step)));
        Assert.Equal(seen.Lines.Select(static l => (double?)l.Loss), lines.Where(static l => l.Mode == "train").Select(static l => l.Loss));
        Assert.Equal(seen.Epochs.Select(static e => (double?)e.Evaluation!.Top1), lines.Where(static l => l.Mode == "val").Select(static l => l.Top1));
        Assert.Equal([(1, 3), (1, 4), (2, 2), (2, 4)], lines.Select(static l => (l.Epoch, l.Iteration)));
        Assert.All(lines, static l => Assert.True(l is { Workers: 1, LearningRate: 1, ImagesPerSecond: > 0, Time: > 0 }));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "tf_logs"), "events.out.tfevents.*"));
    }

    [Fact]
    public void Images_per_second_count_all_images_since_the_line_before()
    {
        using var observer = Begin(rank: 0, members: 2, step: 0);
        for (var step = 1; step <= 4; step++)
            observer.StepApplied(Report(step) with { Images = step == 4 ? 2 : 8 });
        observer.StepLogged(Report(4) with { Images = 2 });

        // 26 images in 4 steps of half a second.
        var line = Assert.Single(TrainingLogFile.Read(LogPath).Lines);
        Assert.Equal(13, line.ImagesPerSecond);
        Assert.Equal((2, 0.25, 0.5), (line.Workers, line.DataWait, line.Time));
    }

    [Fact]
    public void Only_rank_0_writes()
    {
        using var observer = Begin(rank: 1, members: 2, step: 0);
        Log(observer, 4);

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Whoever_takes_over_from_rank_0_writes_the_line_that_it_died_before()
    {
        using var survivor = Begin(rank: 1, members: 2, step: 0);
        using (var first = Begin(rank: 0, members: 2, step: 0))
        {
            Log(first, 4);
            Log(survivor, 4);
        }

        Log(survivor, 8);
        survivor.EpochEnded(1, new EvaluationResult(10, 5, 9, TimeSpan.FromSeconds(1)));
        survivor.Begin(Group(rank: 0, members: 1), 8);
        survivor.EpochEnded(1, new EvaluationResult(10, 5, 9, TimeSpan.FromSeconds(1)));
        Log(survivor, 12);

        Assert.Equal([("train", 4L, 2), ("train", 8, 2), ("val", 8, 2), ("train", 12, 1)], TrainingLogFile.Read(LogPath).Lines.Select(static l => (l.Mode, l.Step, l.Workers)));
    }

    [Fact]
    public void A_run_that_goes_back_to_a_checkpoint_has_each_step_once()
    {
        using var observer = Begin(rank: 0, members: 2, step: 0);
        foreach (var step in (int[])[4, 8, 12])
            Log(observer, step);

        observer.Begin(Group(rank: 0, members: 1), 9);
        Log(observer, 12);

        Assert.Equal([(4L, 2), (8, 2), (12, 1)], TrainingLogFile.Read(LogPath).Lines.Select(static l => (l.Step, l.Workers)));
    }

    [Fact]
    public void A_step_that_took_no_time_has_no_rate()
    {
        using var observer = Begin(rank: 0, members: 1, step: 0);
        observer.StepApplied(Report(4));
        observer.StepLogged(Report(4) with { Time = TimeSpan.Zero, DataTime = TimeSpan.Zero });

        var line = Assert.Single(TrainingLogFile.Read(LogPath).Lines);
        Assert.Null(line.ImagesPerSecond);
        Assert.Null(line.DataWait);
    }

    private TrainingLogObserver Begin(int rank, int members, long step)
    {
        var observer = new TrainingLogObserver(_folder, Plan, TimeProvider.System);
        observer.Begin(Group(rank, members), step);
        return observer;
    }

    private static CollectiveGroup Group(int rank, int members) => new()
    {
        Run = "test", Generation = 1, PlanHash = "", VirtualRanks = 2, Rank = rank,
        Members = [.. Enumerable.Range(0, members).Select(static i => new CollectiveMember($"w{i}", "one", "127.0.0.1", 0))],
    };

    private static void Log(TrainingLogObserver observer, long step)
    {
        observer.StepApplied(Report(step));
        observer.StepLogged(Report(step));
    }

    private static StepReport Report(long step) => new(
        step, Plan.EpochOf(step - 1) + 1, Plan.IterationOf(step - 1) + 1, 1, 2.25, 8, 50, 75, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.125));

    private sealed class Both(params ITrainingObserver[] observers) : ITrainingObserver
    {
        public void StepApplied(StepReport report) => Array.ForEach(observers, o => o.StepApplied(report));

        public void StepLogged(StepReport report) => Array.ForEach(observers, o => o.StepLogged(report));

        public void EpochEnded(int epochs, EvaluationResult? evaluation) => Array.ForEach(observers, o => o.EpochEnded(epochs, evaluation));
    }
}
