using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.Coordinator.Queue;

/// <summary>A run that the coordinator knows.</summary>
internal sealed record QueuedRun(SubmissionData Submission, string Owner, bool Closed);

/// <summary>Runs in the order of their submission, and how many workers each could use: first in, first out.</summary>
internal sealed class RunQueue
{
    private readonly List<string> order = [];
    private readonly Dictionary<string, QueuedRun> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunWants> wants = new(StringComparer.Ordinal);

    public IEnumerable<QueuedRun> Open => order.Select(r => runs[r]).Where(r => !r.Closed);

    public QueuedRun? Find(string run) => runs.GetValueOrDefault(run);

    /// <summary>Takes an event of the coordinator's journal.</summary>
    public void Apply(IMessage e)
    {
        switch (e)
        {
            case RunQueued q when !runs.ContainsKey(q.Submission.Run):
                order.Add(q.Submission.Run);
                runs[q.Submission.Run] = new QueuedRun(q.Submission, q.Owner, Closed: false);
                break;
            case RunClosed c when runs.TryGetValue(c.Run, out var run):
                runs[c.Run] = run with { Closed = true };
                wants.Remove(c.Run);
                break;
            case RunReopened r when runs.TryGetValue(r.Run, out var run):
                runs[r.Run] = run with { Closed = false };
                break;
            default:
                throw new InvalidOperationException($"journal of the coordinator: {e.Descriptor.Name} cannot follow: {e}");
        }
    }

    /// <summary>Remembers what a run could use; zero removes its wish.</summary>
    public void Want(RunWants m)
    {
        if (m.Workers > 0 && runs.GetValueOrDefault(m.Run) is { Closed: false })
        {
            wants[m.Run] = m;
        }
        else
        {
            wants.Remove(m.Run);
        }
    }

    /// <summary>The wishes in the order of submission.</summary>
    public IEnumerable<RunWants> Wishes() => order.Where(wants.ContainsKey).Select(r => wants[r]);

    public RunList List()
    {
        var list = new RunList();
        list.Runs.AddRange(order.Select(r => new RunList.Types.Entry { Run = r, Closed = runs[r].Closed }));
        return list;
    }

    public CoordinatorSnapshot Snapshot()
    {
        var snapshot = new CoordinatorSnapshot();
        snapshot.Runs.AddRange(order.Select(r => runs[r]).Select(r => new CoordinatorSnapshot.Types.Entry { Submission = r.Submission, Owner = r.Owner, Closed = r.Closed }));
        return snapshot;
    }

    public void Load(CoordinatorSnapshot snapshot)
    {
        foreach (var entry in snapshot.Runs)
        {
            order.Add(entry.Submission.Run);
            runs[entry.Submission.Run] = new QueuedRun(entry.Submission, entry.Owner, entry.Closed);
        }
    }
}
