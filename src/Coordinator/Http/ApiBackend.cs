using Akka.Actor;
using ClusterBench.Api;
using ClusterBench.Coordinator.Journal;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Coordinator.Http;

/// <summary>What the API's answers are made of: questions to the actors, and the journal for events.</summary>
/// <param name="Coordinator">The benchmark coordinator.</param>
/// <param name="Entities">The shard region of runs.</param>
/// <param name="JournalPath">The SQLite journal.</param>
/// <param name="Time">The clock.</param>
public sealed record ApiBackend(IActorRef Coordinator, IActorRef Entities, string JournalPath, TimeProvider Time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Ids of all runs in the order of submission.</summary>
    public async Task<IReadOnlyList<string>> Runs() =>
        [.. (await Coordinator.Ask<RunList>(new GetRuns(), Patience)).Runs.Select(r => r.Run)];

    /// <summary>One run, or null.</summary>
    public async Task<RunView?> Run(string run) => await Exists(run) ? await View(run) : null;

    /// <summary>A run that is known to be there: asking for another one would bring it to life. Null for a moment after its submission.</summary>
    public async Task<RunView?> View(string run)
    {
        var status = await Entities.Ask<RunStatus>(new GetRun { Run = run }, Patience);
        if (!status.Known)
        {
            using var journal = JournalReader.Open(JournalPath);
            return journal?.Run(run) is { } queued ? queued with { Status = "queued" } : null;
        }

        return RunViews.Of(RunState.FromSnapshot(status.State), status.Status, status.WaitingFor, [.. status.Workers], status.ImagesDone, Time.GetUtcNow(), status.Training);
    }

    /// <summary>Events of a run after a sequence number, or null when there is no such run.</summary>
    public async Task<IReadOnlyList<EventView>?> Events(string run, long after, int limit)
    {
        if (!await Exists(run))
        {
            return null;
        }

        using var journal = JournalReader.Open(JournalPath);
        return [.. (journal?.Events(run, after) ?? []).Take(limit)];
    }

    /// <summary>The workers by id.</summary>
    public async Task<IReadOnlyList<WorkerView>> Workers() =>
        [.. (await Coordinator.Ask<WorkerList>(new GetWorkers(), Patience)).Workers.Select(w => new WorkerView
        {
            Id = w.Worker, Incarnation = w.Incarnation, Host = w.Host, Pid = w.Pid, Device = w.Device, State = w.State, Run = w.Run.Length == 0 ? null : w.Run,
        })];

    private async Task<bool> Exists(string run) => (await Runs()).Contains(run, StringComparer.Ordinal);

    /// <summary>A command; the answer comes when it is stored or refused.</summary>
    public Task<CommandReply> Command(object command) => Coordinator.Ask<CommandReply>(command, Patience);
}
