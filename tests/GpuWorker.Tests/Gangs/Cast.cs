using System.Globalization;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Gangs;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;
using ClusterBench.Tests.Training;

namespace ClusterBench.Tests.Gangs;

/// <summary>A worker's process as far as gangs go: a member with a data plane of its own.</summary>
internal sealed class Player : IDisposable
{
    public Player(int number, TimeSpan brokenLimit)
    {
        Identity = new WorkerIdentity(string.Create(CultureInfo.InvariantCulture, $"host/cpu-{number}"), Guid.NewGuid().ToString("N")[..12], "host", "cpu");
        Plane = new DataPlane("127.0.0.1", 0);
        Member = new GangMember(new GangSettings
        {
            Identity = Identity, Plane = Plane, Token = () => "token", AckLimit = TimeSpan.FromMilliseconds(50), Limits = new TcpLimits { Connect = TimeSpan.FromSeconds(3) }, BrokenLimit = brokenLimit, BrokenStagger = brokenLimit,
            Open = (_, _) =>
            {
                Sessions.Add(FewSteps.Bare());
                return Sessions[^1];
            },
        });
    }

    public WorkerIdentity Identity { get; }

    public DataPlane Plane { get; }

    public GangMember Member { get; }

    /// <summary>Those that were made, oldest first.</summary>
    public List<TrainingSession> Sessions { get; } = [];

    public GangMemberData Data => new() { Worker = Identity.Id, Incarnation = Identity.Incarnation, Host = "127.0.0.1", Port = Plane.Port };

    public IReadOnlyList<CheckpointWritten> Checkpoints => [.. Member.Unacknowledged.OfType<CheckpointDone>().Select(m => m.Result)];

    public IReadOnlyList<EpochCompleted> Epochs => [.. Member.Unacknowledged.OfType<EpochDone>().Select(m => m.Result)];

    public void Dispose()
    {
        Member.Dispose();
        Plane.Dispose();
    }
}

/// <summary>The part of the coordinator: feeds commands by hand and waits for what members report.</summary>
internal sealed class Cast : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Player> _players = [];
    private readonly Tasks.TempFolder _folder = new();

    public TimeSpan BrokenLimit { get; init; } = TimeSpan.FromMinutes(10);

    public string WorkDir => _folder.Path;

    public Player Add()
    {
        _players.Add(new Player(_players.Count, BrokenLimit));
        return _players[^1];
    }

    public static PrepareGang Order(string workDir, int generation, IEnumerable<Player> members, params CheckpointWritten[] checkpoints)
    {
        var order = new PrepareGang
        {
            Run = "run", Generation = generation,
            Submission = new SubmissionData { Run = "run", Hash = "hash", WorkDir = workDir, Checkpoint = new InputFileData { Path = SampleRun.Checkpoint } },
            Plan = new PlanMade { Training = new TrainingPlanData { VirtualRanks = 4, ImagesPerRank = 16, Epochs = 2, StepsPerEpoch = 3 } },
        };
        order.Members.AddRange(members.Select(member => member.Data));
        order.Checkpoints.AddRange(checkpoints);
        return order;
    }

    public GangReport[] Prepare(int generation, Player[] members, params CheckpointWritten[] checkpoints)
    {
        foreach (var member in members)
            member.Member.Prepare(Order(WorkDir, generation, members, checkpoints));
        return Wait(members, generation, GangMemberState.GangPrepared);
    }

    public static void Start(int generation, Player[] members, long step = 0, int source = -1, CheckpointWritten? checkpoint = null, int epochs = 0, long checkpointed = -1)
    {
        foreach (var member in members)
            member.Member.Start(new StartGang { Run = "run", Generation = generation, Step = step, Source = source, Checkpoint = checkpoint, Epochs = epochs, Checkpointed = checkpointed });
    }

    /// <summary>Prepares, starts from the beginning and trains all of it.</summary>
    public GangReport[] Train(int generation, params Player[] members)
    {
        Prepare(generation, members);
        Start(generation, members);
        return Wait(members, generation, GangMemberState.GangCompleted);
    }

    /// <summary>Trains from the beginning to an epoch's end or beyond, and stops all after the same step.</summary>
    public GangReport[] TrainSome(int generation, params Player[] members)
    {
        Prepare(generation, members);
        members[^1].Member.Stop(new StopGang { Run = "run", Generation = generation });
        Start(generation, members);
        return Wait(members, generation, GangMemberState.GangStopped);
    }

    public static GangReport[] Wait(Player[] members, int generation, GangMemberState state) => [.. members.Select(member =>
    {
        GangReport? report = null;
        Assert.True(SpinWait.SpinUntil(() => (report = member.Member.Report) is { } r && r.Generation == generation && (r.State == state || (r.State == GangMemberState.GangBroken && r.Fatal)), Patience), $"not {state}: {report}");
        Assert.True(report!.State == state, report.ToString());
        return report;
    })];

    /// <summary>Digest of the state after training without any disturbance, in one piece.</summary>
    public static string Undisturbed { get; } = Alone();

    private static string Alone()
    {
        using var session = FewSteps.Finetune();
        Gang.Train(session);
        return session.State.Digest();
    }

    public void Dispose()
    {
        foreach (var player in _players)
            player.Dispose();
        _folder.Dispose();
    }
}
