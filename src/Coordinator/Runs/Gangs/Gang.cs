using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs.Gangs;

/// <summary>Where a run's gang stands.</summary>
internal enum GangPhase
{
    /// <summary>There is none: the run waits for workers.</summary>
    None,
    /// <summary>Formed; the members load what they need.</summary>
    Preparing,
    /// <summary>It trains, or is believed to after a restart of the coordinator until its members say otherwise.</summary>
    Running,
    /// <summary>All members were told to stop after the same step, so that the gang can be formed anew.</summary>
    Stopping,
    /// <summary>It is broken; members are told so, and the run hears who is left.</summary>
    Collecting,
}

/// <summary>
/// The life of a run's gangs (docs/protocol.md, section 3): a state machine without actor, clock or journal. It is fed what members
/// say and who comes and goes, and answers <see cref="Next"/> with what to do. A generation that is whole is never touched because
/// the cluster cannot reach a member: only its data plane, or the silence of all, breaks it.
/// </summary>
internal sealed class Gang(int virtualRanks, int expectedWorkers)
{
    /// <summary>How long workers that the call has started are waited for, and how long a member may be silent while it prepares.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Loans of one moment come one after the other; so long the first is kept waiting.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    /// <summary>So long the members of a broken gang have to answer.</summary>
    public static readonly TimeSpan CollectLimit = TimeSpan.FromSeconds(3);

    /// <summary>A member that the cluster has removed and that says nothing for so long is dead.</summary>
    public static readonly TimeSpan RemovedLimit = TimeSpan.FromSeconds(15);

    /// <summary>A gang of which nobody is heard for so long is dead, whatever the cluster says.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(60);

    private IReadOnlyList<GangMemberView> members = [];
    private DateTimeOffset since;
    private DateTimeOffset? firstWorker;
    private string reason = "the first gang";
    private IReadOnlyList<GangMemberData> lost = [];
    private readonly List<GangMemberData> dropped = [];

    public GangPhase Phase { get; private set; }

    /// <summary>The newest generation; 0 before the first.</summary>
    public int Generation { get; private set; }

    /// <summary>The members of the present generation in rank order; empty when there is none.</summary>
    public IReadOnlyList<GangMemberView> Members => members;

    /// <summary>The newest report of the member that knows most of how far the gang is; null when nobody has spoken.</summary>
    public GangReport? Newest => members.Select(m => m.Report).OfType<GangReport>().MaxBy(r => r.Step);

    /// <summary>Why there is no gang that trains, for a person.</summary>
    public string Why => reason;

    /// <summary>A generation was stored: it prepares.</summary>
    public void Formed(GangFormed formed, DateTimeOffset now) => Enter(GangPhase.Preparing, formed, now);

    /// <summary>The run was recovered from the journal: its gang may have gone on all the time.</summary>
    public void Adopt(GangFormed formed, DateTimeOffset now) => Enter(GangPhase.Running, formed, now);

    /// <summary>The run was recovered and its workers are known to be gone: the next gang gets a higher generation.</summary>
    public void Forget(int generation, string why) => (Phase, Generation, members, reason, firstWorker) = (GangPhase.None, generation, [], why, null);

    /// <summary>The members have been told to begin.</summary>
    public void Begun(DateTimeOffset now) => (Phase, since) = (GangPhase.Running, now);

    /// <summary>What a member says of itself; of another generation or incarnation it is ignored.</summary>
    public void Hear(GangReport report, DateTimeOffset now)
    {
        if (report.Generation == Generation && Find(report.Worker, report.Incarnation) is { } member)
        {
            member.Hear(report, now);
        }
    }

    /// <summary>A worker has left the cluster, or another process is in its place.</summary>
    public void Gone(string worker, string incarnation, bool replaced)
    {
        if (Find(worker, incarnation) is { } member)
        {
            member.Removed = true;
            member.Replaced |= replaced;
        }
    }

    /// <summary>Members that did not answer when their gang was broken, once: they are not at the run's disposal any more.</summary>
    public IReadOnlyList<GangMemberData> TakeDropped()
    {
        GangMemberData[] taken = [.. dropped];
        dropped.Clear();
        return taken;
    }

    /// <summary>Whether a worker is a member of the present generation.</summary>
    public bool Has(string worker, string incarnation) => Find(worker, incarnation) is not null;

    /// <summary>Looks at everything and says what has to be done, or null. Called after every change and every second.</summary>
    /// <param name="workers">Those at the run's disposal, members and others.</param>
    /// <param name="checkpoints">The run's, oldest first.</param>
    public GangDecision? Next(IReadOnlyCollection<LentWorker> workers, IReadOnlyList<CheckpointWritten> checkpoints, DateTimeOffset now)
    {
        foreach (var member in members)
        {
            member.Replaced |= workers.Any(w => w.Worker == member.Data.Worker && w.Incarnation != member.Data.Incarnation);
        }

        if (members.FirstOrDefault(m => m is { State: GangMemberState.GangBroken, Report.Fatal: true }) is { } fatal)
        {
            return new GangDecision.Fail(fatal.Report!.Reason);
        }

        switch (Phase)
        {
            case GangPhase.Preparing:
                if (PreparingIsOver(now) is { } why)
                {
                    Collect(why, now);
                }
                else if (members.All(m => m.State == GangMemberState.GangPrepared))
                {
                    return GangSource.Choose([.. members.Select(m => m.Report!)], checkpoints);
                }

                break;
            case GangPhase.Running or GangPhase.Stopping:
                if (RunningIsOver(now) is { } broken)
                {
                    Collect(broken, now);
                }
                else if (Phase == GangPhase.Running && members.FirstOrDefault(m => m.State == GangMemberState.GangStopped) is { } stopped)
                {
                    // A member that ends has stopped all of them.
                    (Phase, since, reason) = (GangPhase.Stopping, now, $"{(members.FirstOrDefault(m => m.Report?.Draining == true) ?? stopped).Data.Worker} ends");
                }
                else if (Phase == GangPhase.Running && Spares(workers).Any() && members.Count < virtualRanks
                    && members.All(m => m.State == GangMemberState.GangTraining))
                {
                    (Phase, since, reason) = (GangPhase.Stopping, now, "a worker has come");
                }

                if (Phase == GangPhase.Stopping && members.All(m => m.State == GangMemberState.GangStopped || m.Replaced))
                {
                    lost = [];
                    return Form(workers, [.. members.Where(m => !m.Replaced)], now);
                }

                break;
        }

        return Phase switch
        {
            GangPhase.Collecting => Collected(workers, now),
            GangPhase.None => Form(workers, [], now),
            _ => null,
        };
    }

    private string? PreparingIsOver(DateTimeOffset now)
    {
        foreach (var member in members)
        {
            if (member.State == GangMemberState.GangBroken)
            {
                return $"{member.Data.Worker} could not get ready: {member.Report!.Reason}";
            }

            if (member.Replaced || member.Removed || now - member.Heard > Patience)
            {
                return member.Removed ? $"{member.Data.Worker} was lost while it got ready" : $"{member.Data.Worker} was not heard of for {Patience.TotalSeconds:0} s while it should get ready";
            }
        }

        return null;
    }

    private string? RunningIsOver(DateTimeOffset now)
    {
        if (members.FirstOrDefault(m => m.State == GangMemberState.GangBroken) is { } broken)
        {
            return broken.Report!.Reason;
        }

        if (members.FirstOrDefault(m => m.Replaced) is { } dead)
        {
            return $"{dead.Data.Worker} was lost";
        }

        // Members that have finished do not notice any more that another one is gone.
        if (members.FirstOrDefault(IsGone) is { } gone && members.All(m => HasAnswered(m) || IsGone(m)))
        {
            return $"{gone.Data.Worker} was lost";
        }

        bool IsGone(GangMemberView m) => m.Removed && now - m.Heard > RemovedLimit;

        return members.Count > 0 && members.All(m => now - m.Heard > SilenceLimit) ? $"no worker was heard of for {SilenceLimit.TotalSeconds:0} s" : null;
    }

    private void Collect(string why, DateTimeOffset now) => (Phase, since, reason) = (GangPhase.Collecting, now, why);

    /// <summary>
    /// Waits for every member that not all others call lost, a few seconds at most; then those that answered form the next gang.
    /// </summary>
    private GangDecision? Collected(IReadOnlyCollection<LentWorker> workers, DateTimeOffset now)
    {
        var answered = members.Where(m => !m.Replaced && HasAnswered(m)).ToList();
        var called = Enumerable.Range(0, members.Count)
            .Where(rank => answered.Where(m => m != members[rank]).ToList() is { Count: > 0 } others && others.TrueForAll(m => m.Report!.Lost.Contains(rank))).ToHashSet();
        var waited = Enumerable.Range(0, members.Count).All(rank => members[rank].Replaced || HasAnswered(members[rank]) || called.Contains(rank));
        if (!waited && now - since < CollectLimit)
        {
            return null;
        }

        lost = [.. members.Except(answered).Select(m => m.Data)];
        dropped.AddRange(lost);
        return Form([.. workers.Where(w => !lost.Any(l => l.Worker == w.Worker && l.Incarnation == w.Incarnation))], answered, now);
    }

    private static bool HasAnswered(GangMemberView member) =>
        member.State is GangMemberState.GangBroken or GangMemberState.GangStopped or GangMemberState.GangCompleted;

    /// <summary>The next gang: survivors first, in their order, then others; as many as there are virtual ranks.</summary>
    private GangDecision.Form? Form(IReadOnlyCollection<LentWorker> workers, IReadOnlyList<GangMemberView> survivors, DateTimeOffset now)
    {
        var leaving = members.Where(m => m.Report?.Draining == true).ToList();
        workers = [.. workers.Where(w => !leaving.Exists(l => l.Data.Worker == w.Worker && l.Data.Incarnation == w.Incarnation))];
        List<LentWorker> next = [.. survivors.Select(s => workers.FirstOrDefault(w => w.Worker == s.Data.Worker && w.Incarnation == s.Data.Incarnation)).OfType<LentWorker>()];
        next.AddRange(workers.Where(w => !next.Contains(w)).OrderBy(w => w.Worker, StringComparer.Ordinal));
        if (next.Count == 0)
        {
            (Phase, members, firstWorker) = (GangPhase.None, [], null);
            return null;
        }

        if (survivors.Count == 0)
        {
            firstWorker ??= now;
            var waited = now - firstWorker.Value;
            if (waited < Gathering || (next.Count < Math.Min(virtualRanks, expectedWorkers) && waited < Patience))
            {
                (Phase, members) = (GangPhase.None, []);
                return null;
            }
        }

        return new GangDecision.Form([.. next.Take(virtualRanks)], reason, lost);
    }

    private void Enter(GangPhase phase, GangFormed formed, DateTimeOffset now)
    {
        (Phase, Generation, since, firstWorker, lost) = (phase, formed.Generation, now, null, []);
        members = [.. formed.Members.Select(m => new GangMemberView(m, now))];
    }

    private IEnumerable<LentWorker> Spares(IEnumerable<LentWorker> workers) => workers.Where(w => Find(w.Worker, w.Incarnation) is null);

    private GangMemberView? Find(string worker, string incarnation) => members.FirstOrDefault(m => m.Data.Worker == worker && m.Data.Incarnation == incarnation);
}
