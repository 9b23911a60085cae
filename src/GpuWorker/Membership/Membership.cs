using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Cluster;
using ClusterBench.Cluster;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>One ActorSystem's life: it joins, is Up, and ends.</summary>
[SuppressMessage("Naming", "CA1724", Justification = "The folder's own word.")]
internal sealed class Membership(ActorSystem system, WorkerNodeOptions options, JoinClient client)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(12);

    private readonly Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(system);
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Loneliness loneliness = new(system.Settings.Config.GetTimeSpan("clusterbench.membership.lonely-after", TimeSpan.FromSeconds(15)));
    private readonly TimeProvider time = TimeProvider.System;
    private Address target = null!;

    public bool WasUp => up.Task.IsCompleted;

    /// <summary>Joins <paramref name="node"/> and returns, with the reason, when the ActorSystem has ended; on cancellation it leaves first.</summary>
    public async Task<string> RunAsync(Address node, CancellationToken ct)
    {
        system.ActorOf(Props.Create(() => new QuarantineListener(ended)), "quarantine-listener");
        _ = system.WhenTerminated.ContinueWith(
            _ => ended.TrySetResult(WasUp ? "the cluster has removed this node" : $"{target} could not be joined"),
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        using var cancellation = ct.Register(() => ended.TrySetResult("stopped"));
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        target = node;
        cluster.JoinSeedNodes([target]);
        var watch = WatchAsync(ct);
        try
        {
            await Task.WhenAny(up.Task, ended.Task);
            if (WasUp && !ended.Task.IsCompleted)
            {
                options.Log($"joined the cluster of {target} as worker {options.WorkerId} at {cluster.SelfAddress}");
                options.OnUp(system);
            }

            return await ended.Task;
        }
        finally
        {
            ended.TrySetResult("failed");
            await watch;
            // Without a coordinator nobody confirms a leave.
            await (ct.IsCancellationRequested && SeesCoordinator() ? NodeSystem.LeaveAsync(system, LeaveLimit) : NodeSystem.DropAsync(system, LeaveLimit));
        }
    }

    /// <summary>
    /// Follows a coordinator that moves before it could be joined, and ends this membership when one lives that cannot be met in it;
    /// so no island lasts.
    /// </summary>
    private async Task WatchAsync(CancellationToken ct)
    {
        var start = time.GetTimestamp();
        try
        {
            while (!ended.Task.IsCompleted)
            {
                await Task.WhenAny(ended.Task, Task.Delay(Look, time, ct));
                if (ended.Task.IsCompleted)
                {
                    return;
                }

                if (!WasUp && !IsMember())
                {
                    await RetargetAsync(ct);
                }
                else if (loneliness.ShouldAsk(SeesCoordinator(), time.GetElapsedTime(start)))
                {
                    await AskAsync(start, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (Exception e)
        {
            ended.TrySetException(e);
        }
    }

    private bool IsMember() => cluster.State.Members.Any(m => m.UniqueAddress == cluster.SelfUniqueAddress);

    private async Task RetargetAsync(CancellationToken ct)
    {
        var answer = await client.AskAsync(ct);
        if (answer.Node is { } node && node != target)
        {
            target = node;
            cluster.JoinSeedNodes([node]);
        }
    }

    private async Task AskAsync(long start, CancellationToken ct)
    {
        var answer = await client.AskAsync(ct);
        var isMember = answer.Node is { } node && cluster.State.Members.Any(m => m.Address == node);
        if (loneliness.ShouldLeave(answer.Node, isMember, time.GetElapsedTime(start)))
        {
            ended.TrySetResult($"the coordinator lives at {answer.Node} and is not reachable in this cluster");
        }
    }

    private bool SeesCoordinator()
    {
        var state = cluster.State;
        return state.Members.Any(m => m.HasRole(ClusterNames.CoordinatorRole)
            && m.Status is not (MemberStatus.Down or MemberStatus.Exiting or MemberStatus.Removed) && !state.Unreachable.Contains(m));
    }
}
