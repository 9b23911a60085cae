using System.Collections.Concurrent;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// Works one shard at a time on a thread of its own. It belongs to the process, not to an ActorSystem: whichever node the process
/// currently is in the cluster, the work goes on and its result waits here until it is acknowledged.
/// </summary>
public sealed class ShardRunner : IDisposable
{
    private readonly IShardExecutor executor;
    private readonly WorkerIdentity identity;
    private readonly TimeProvider time;
    private readonly BlockingCollection<RunShard> inbox = new(boundedCapacity: 1);
    private readonly ConcurrentDictionary<(string Run, string Shard), IMessage> unacknowledged = new();
    private readonly Thread thread;
    private readonly Lock gate = new();
    private RunShard? current;
    private CancellationTokenSource? cancel;
    private ShardProgress? progress;
    private volatile bool unusable;

    /// <param name="executor">Does the work.</param>
    /// <param name="identity">Stands in every result.</param>
    /// <param name="time">The clock.</param>
    public ShardRunner(IShardExecutor executor, WorkerIdentity identity, TimeProvider time)
    {
        this.executor = executor;
        this.identity = identity;
        this.time = time;
        thread = new Thread(Loop) { IsBackground = true, Name = "shard" };
        thread.Start();
    }

    /// <summary>Raised on the shard's thread when there is something to send.</summary>
    public event Action? Changed;

    /// <summary>Raised when the process must not go on: its numbers cannot be trusted, or its GPU is lost. No shard is taken after it.</summary>
    public event Action<string>? Fatal;

    /// <summary>The shard in work, or null.</summary>
    public (string Run, string Shard)? Current
    {
        get
        {
            lock (gate)
            {
                return current is null ? null : (current.Run, current.Shard);
            }
        }
    }

    /// <summary>How far the shard in work is, or null.</summary>
    public ShardProgress? Progress => Volatile.Read(ref progress);

    /// <summary>Results that nobody has acknowledged.</summary>
    public IReadOnlyCollection<IMessage> Unacknowledged => [.. unacknowledged.Values];

    /// <summary>
    /// Takes a shard unless it is in work or done already. A shard that comes while another is in work is dropped: the run says it again.
    /// </summary>
    public void Start(RunShard shard)
    {
        lock (gate)
        {
            if (unusable || inbox.IsAddingCompleted || current is not null || unacknowledged.ContainsKey((shard.Run, shard.Shard)))
            {
                return;
            }

            current = shard;
            Report(shard, 0, 0);
            cancel = new CancellationTokenSource();
            inbox.Add(shard);
        }
    }

    /// <summary>The result is stored: forget it.</summary>
    public void Acknowledge(ShardAck m) => unacknowledged.TryRemove((m.Run, m.Shard), out _);

    /// <summary>Stops work on a run that is not wanted any more and forgets its results.</summary>
    public void Abandon(string run)
    {
        foreach (var key in unacknowledged.Keys.Where(k => k.Run == run))
        {
            unacknowledged.TryRemove(key, out _);
        }

        lock (gate)
        {
            if (current?.Run == run)
            {
                cancel!.Cancel();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (gate)
        {
            inbox.CompleteAdding();
            cancel?.Cancel();
        }

        // A shard that does not stop in time still reads what would be disposed of; the process ends with it.
        if (thread.Join(TimeSpan.FromSeconds(10)))
        {
            executor.Dispose();
            inbox.Dispose();
        }
    }

    private void Loop()
    {
        foreach (var shard in inbox.GetConsumingEnumerable())
        {
            var result = Work(shard);
            lock (gate)
            {
                if (result is not null)
                {
                    unacknowledged[(shard.Run, shard.Shard)] = result;
                }

                Volatile.Write(ref progress, null);
                current = null;
                cancel?.Dispose();
                cancel = null;
            }

            Changed?.Invoke();
        }
    }

    private IMessage? Work(RunShard shard)
    {
        var started = time.GetTimestamp();
        try
        {
            var done = executor.Execute(shard, (n, of) => Report(shard, n, of), cancel!.Token);
            done.Run = shard.Run;
            var at = time.GetUtcNow().ToUnixTimeMilliseconds();
            done.Result ??= new ShardCompleted();
            done.Result.At = at;
            done.Result.Shard = shard.Shard;
            done.Result.Worker = identity.Id;
            done.Result.Incarnation = identity.Incarnation;
            done.Result.Seconds = time.GetElapsedTime(started).TotalSeconds;
            if (done.Plan is { } plan)
            {
                plan.At = at;
                plan.Worker = identity.Id;
                plan.Incarnation = identity.Incarnation;
            }

            return done;
        }
        catch (UnusableProcessException e)
        {
            unusable = true;
            Fatal?.Invoke(e.Message);
            return Error(shard, e.Message, fatal: false);
        }
        catch (Exception) when (cancel!.IsCancellationRequested)
        {
            // Whatever it ended with: nobody waits for it, and an error of it must not fail the run that may be resumed by now.
            return null;
        }
        catch (UserErrorException e)
        {
            // Bad input is bad on every worker.
            return Error(shard, e.Message, fatal: true);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"shard {shard.Shard} of {shard.Run} failed: {e}");
            return Error(shard, $"{e.GetType().Name}: {e.Message}", fatal: false);
        }
    }

    private ShardError Error(RunShard shard, string reason, bool fatal) => new()
    {
        Run = shard.Run, Shard = shard.Shard, Worker = identity.Id, Incarnation = identity.Incarnation, Reason = reason, Fatal = fatal,
    };

    private void Report(RunShard shard, long done, long total)
    {
        Volatile.Write(ref progress, new ShardProgress { Run = shard.Run, Shard = shard.Shard, Done = done, Total = total });
    }
}
