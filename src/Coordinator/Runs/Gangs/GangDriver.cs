using Akka.Actor;
using ClusterBench.Protocol;
using ClusterBench.Runs;
using Google.Protobuf;

namespace ClusterBench.Coordinator.Runs.Gangs;

/// <summary>What the gang needs of the run that it belongs to.</summary>
/// <param name="State">The run's state by its journal.</param>
/// <param name="Store">Writes an event, then does something.</param>
/// <param name="Fail">Ends the run with an error.</param>
/// <param name="Send">Sends to a worker's actor by its path.</param>
/// <param name="GiveBack">Gives a worker (place, incarnation) back to the benchmark coordinator.</param>
internal sealed record GangHost(Func<RunState> State, Action<IMessage, Action> Store, Action<string> Fail, Action<string, IMessage> Send, Action<string, string> GiveBack);

/// <summary>Carries out what a run's <see cref="Gang"/> decides: writes its events, then tells the members; repeats what may be lost.</summary>
internal sealed class GangDriver(GangHost host, LentWorkers lent, RunContext context)
{
    /// <summary>So many gangs in a row may apply no step before the run fails.</summary>
    private const int MaxFruitless = 5;

    private Gang? gang;
    private bool storing;

    /// <summary>Null before the plan is made.</summary>
    public Gang? Gang => gang;

    /// <summary>Workers that the run could use beyond those that it has.</summary>
    public int Wanted => host.State() is { Trains: true } state ? Math.Max(0, state.Plan!.Training.VirtualRanks - lent.All.Count) : 0;

    /// <summary>The run goes on after it was recovered: its gang, if it has one, may have trained all the time.</summary>
    /// <param name="survived">False: its workers ended with the call that owned it.</param>
    public void Recover(bool survived)
    {
        var state = host.State();
        if (state is { Trains: true, Gang: { } formed })
        {
            gang = Make(state);
            if (!survived)
            {
                gang.Forget(formed.Generation, "the run goes on");
            }
            else if (state.Starts.LastOrDefault()?.Generation == formed.Generation)
            {
                gang.Adopt(formed, Now);
            }
            else
            {
                // It was never told to begin: its members get ready, or still have to hear of it.
                gang.Formed(formed, Now);
            }
        }
    }

    public void Hear(GangReport report, IActorRef sender)
    {
        if (gang is null)
        {
            return;
        }

        gang.Hear(report, Now);
        // A member of an older generation has not heard that it is over.
        if (report.Generation < gang.Generation && !gang.Has(report.Worker, report.Incarnation) && report.State == GangMemberState.GangTraining)
        {
            sender.Tell(new AbortGang { Run = report.Run, Generation = report.Generation, Reason = $"generation {gang.Generation} was formed without it" }, ActorRefs.NoSender);
        }

        Advance();
    }

    public void Gone(string worker, string incarnation, bool replaced) => gang?.Gone(worker, incarnation, replaced);

    /// <summary>Does what has to be done now.</summary>
    public void Advance()
    {
        var state = host.State();
        if (storing || !state.IsOpen || !state.Trains || state.AllDone)
        {
            return;
        }

        gang ??= Make(state);
        var phase = gang.Phase;
        var decision = gang.Next(lent.All, state.Checkpoints, Now);
        foreach (var dropped in gang.TakeDropped())
        {
            lent.Remove(dropped.Worker, dropped.Incarnation);
            host.GiveBack(dropped.Worker, dropped.Incarnation);
        }

        if (gang.Phase != phase)
        {
            Repeat();
        }

        switch (decision)
        {
            case GangDecision.Fail fail:
                host.Fail(Described(fail.Error, state));
                break;
            case GangDecision.Form form when state.FruitlessGangs >= MaxFruitless:
                host.Fail(Described($"{MaxFruitless} gangs in a row applied no step. Why the last one ended: {form.Reason}", state));
                break;
            case GangDecision.Form form:
                Store(Event(form), () =>
                {
                    gang.Formed(host.State().Gang!, Now);
                    Repeat();
                });
                break;
            case GangDecision.Begin begin:
                Store(Event(begin), () =>
                {
                    gang.Begun(Now);
                    Repeat();
                });
                break;
        }
    }

    /// <summary>Says again, every second, what a member may not have heard.</summary>
    public void Repeat()
    {
        if (gang is null)
        {
            return;
        }

        foreach (var member in gang.Members)
        {
            IMessage? message = gang.Phase switch
            {
                GangPhase.Preparing when member.State != GangMemberState.GangPrepared => Prepare(),
                GangPhase.Running when member.State == GangMemberState.GangPrepared => Start(),
                GangPhase.Stopping when member.State == GangMemberState.GangTraining => new StopGang { Run = RunId, Generation = gang.Generation },
                GangPhase.Collecting when member.State is GangMemberState.GangTraining or GangMemberState.GangPrepared or GangMemberState.GangPreparing or GangMemberState.Unspecified =>
                    new AbortGang { Run = RunId, Generation = gang.Generation, Reason = gang.Why },
                _ => null,
            };
            if (message is not null && lent.All.FirstOrDefault(w => w.Worker == member.Data.Worker && w.Incarnation == member.Data.Incarnation) is { } worker)
            {
                host.Send(worker.Path, message);
            }
        }
    }

    private string RunId => host.State().Submission!.Run;

    private DateTimeOffset Now => context.Time.GetUtcNow();

    private static Gang Make(RunState state) => new(state.Plan!.Training.VirtualRanks, state.Submission!.ExpectedWorkers);

    private void Store(IMessage e, Action then)
    {
        storing = true;
        host.Store(e, () =>
        {
            storing = false;
            then();
        });
    }

    private GangFormed Event(GangDecision.Form form)
    {
        var e = new GangFormed { At = context.Now(), Generation = gang!.Generation + 1, Reason = form.Reason };
        e.Members.AddRange(form.Members.Select(m => new GangMemberData { Worker = m.Worker, Incarnation = m.Incarnation, Host = m.DataHost, Port = m.DataPort }));
        e.Lost.AddRange(form.Lost.Select(l => l.Worker));
        return e;
    }

    private GangStarted Event(GangDecision.Begin begin)
    {
        var e = new GangStarted
        {
            At = context.Now(), Generation = gang!.Generation, Step = begin.Step, Checkpoint = begin.Checkpoint?.File.Path ?? "",
            Source = begin.Checkpoint is not null ? "checkpoint" : begin.Source < 0 ? "beginning" : "peer",
            Worker = begin.Source < 0 ? "" : gang.Members[begin.Source].Data.Worker,
        };
        e.Notes.AddRange(begin.Notes);
        return e;
    }

    private PrepareGang Prepare()
    {
        var state = host.State();
        var message = new PrepareGang { Run = RunId, Generation = gang!.Generation, Submission = state.Submission, Plan = state.Plan };
        message.Members.AddRange(gang.Members.Select(m => m.Data));
        message.Checkpoints.AddRange(state.Checkpoints.Reverse());
        return message;
    }

    /// <summary>The order to begin, from what is stored: a restarted coordinator says the same as the one that stored it.</summary>
    private StartGang Start()
    {
        var state = host.State();
        var started = state.Starts[^1];
        return new StartGang
        {
            Run = RunId, Generation = started.Generation, Step = started.Step, Source = state.Gang!.Members.ToList().FindIndex(m => m.Worker == started.Worker),
            Checkpoint = state.Checkpoints.FirstOrDefault(c => c.File.Path == started.Checkpoint), Epochs = state.Epochs.Count,
            Checkpointed = state.Checkpoints.LastOrDefault()?.Step ?? -1,
        };
    }

    /// <summary>The error, and what is there to go on from.</summary>
    private static string Described(string error, RunState state) =>
        error + (state.Checkpoints.LastOrDefault() is { } last ? $" The last good checkpoint is {last.File.Path} (step {last.Step} of {state.Steps})." : " There is no checkpoint yet.");
}
