using Akka.Actor;
using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Queue;

/// <summary>A worker, as its last hello had it, where its actor is, and the run that it is lent to.</summary>
internal sealed record RegisteredWorker(WorkerHello Hello, ActorPath Path, DateTimeOffset LastHello, string? Run)
{
    /// <summary>The cluster node that it belongs to.</summary>
    public Address Address => Path.Address;
}

/// <summary>
/// Who the workers are and to whom they are lent. A place (host and slot) has one worker; a hello of another incarnation from the
/// same place means that the old one is gone.
/// </summary>
internal sealed class WorkerRegister(TimeProvider time)
{
    /// <summary>A worker that has not said hello for this long is shown as lost and is lent to nobody.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, RegisteredWorker> workers = new(StringComparer.Ordinal);

    public RegisteredWorker? Find(string worker) => workers.GetValueOrDefault(worker);

    /// <summary>Whether a worker of this node has said hello.</summary>
    public bool Knows(Address node) => workers.Values.Any(w => w.Address.Equals(node));

    /// <summary>Takes a hello; returns workers that are gone because of it.</summary>
    public IEnumerable<RegisteredWorker> Hello(WorkerHello m, ActorPath path)
    {
        var known = workers.GetValueOrDefault(m.Worker);
        var same = known is not null && known.Hello.Incarnation == m.Incarnation;
        // From another address its run has to learn where it is: it is lent anew.
        workers[m.Worker] = new RegisteredWorker(m, path, time.GetUtcNow(), same && known!.Path.Equals(path) ? known.Run : null);
        return known is null || same ? [] : [known];
    }

    /// <summary>Lends a worker; false when it is lent to that run already.</summary>
    public bool LendTo(string worker, string run)
    {
        var w = workers[worker];
        workers[worker] = w with { Run = run };
        return w.Run != run;
    }

    public void Return(WorkerReturned m)
    {
        if (workers.TryGetValue(m.Worker, out var w) && w.Hello.Incarnation == m.Incarnation && w.Run == m.Run)
        {
            // Its last hello may still name the shard that it has finished since.
            workers[m.Worker] = w with { Run = null, Hello = new WorkerHello(w.Hello) { Run = "", Shard = "" } };
        }
    }

    public void ReturnAll(string run)
    {
        foreach (var w in workers.Values.Where(w => w.Run == run).ToList())
        {
            workers[w.Hello.Worker] = w with { Run = null };
        }
    }

    /// <summary>Removes the workers of a node that left the cluster.</summary>
    public IReadOnlyList<RegisteredWorker> Remove(Address address)
    {
        List<RegisteredWorker> gone = [.. workers.Values.Where(w => w.Address.Equals(address))];
        foreach (var w in gone)
        {
            workers.Remove(w.Hello.Worker);
        }

        return gone;
    }

    /// <summary>Workers that can be lent to a run of a device, <c>cpu</c> or <c>cuda</c>.</summary>
    public IEnumerable<RegisteredWorker> Free(string device) =>
        workers.Values.Where(w => HasDevice(w, device) && w.Run is null && w.Hello.Run.Length == 0 && !w.Hello.Draining && !IsLost(w));

    /// <summary>A worker of another device when no worker has this one, free or busy; else null.</summary>
    public WorkerHello? WithoutDevice(string device)
    {
        var here = workers.Values.Where(w => !IsLost(w)).ToList();
        return here.Any(w => HasDevice(w, device)) ? null : here.FirstOrDefault()?.Hello;
    }

    private static bool HasDevice(RegisteredWorker w, string device) => device.Length == 0 || w.Hello.Device.Split(':')[0] == device;

    public WorkerList List()
    {
        var list = new WorkerList();
        list.Workers.AddRange(workers.Values.Select(w => new WorkerInfo
        {
            Worker = w.Hello.Worker, Incarnation = w.Hello.Incarnation, Host = w.Hello.Host, Pid = w.Hello.Pid, Device = w.Hello.Device,
            State = IsLost(w) ? "lost" : w.Hello.Draining ? "draining" : w.Run is null ? "idle" : "busy", Run = w.Run ?? "",
        }));
        return list;
    }

    private bool IsLost(RegisteredWorker w) => time.GetUtcNow() - w.LastHello > Silence;
}
