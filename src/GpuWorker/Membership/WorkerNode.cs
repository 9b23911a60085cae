using Akka.Actor;
using ClusterBench.Cluster;

namespace ClusterBench.GpuWorker.Membership;

/// <summary>
/// The worker's place in the cluster. The ActorSystem is a part that is replaced: when it was downed, removed or shut out, a new
/// one joins on the same port, while the process, its task threads and its tensors go on.
/// </summary>
public sealed class WorkerNode
{
    /// <summary>A look at a file, or at a coordinator that will be ready in a moment, costs nothing.</summary>
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(150);

    private readonly WorkerNodeOptions options;
    private readonly JoinTargets targets;
    private readonly TimeProvider time = TimeProvider.System;
    private readonly Backoff backoff = new();
    private int port;
    private bool hadSystem;
    private string lastLine = "";

    /// <exception cref="UserErrorException"><c>--join</c> names no URL.</exception>
    public WorkerNode(WorkerNodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        targets = new JoinTargets(options.Join, options.Token);
        port = options.Port;
    }

    /// <summary>
    /// Is a member as often as it takes. Returns when <paramref name="ct"/> is cancelled and this node has left (12 s at most).
    /// </summary>
    /// <exception cref="UserErrorException">A settings file is wrong, or the port is in use when the first ActorSystem starts.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        using var client = new JoinClient(targets);
        try
        {
            while (true)
            {
                var node = await FindAsync(client, ct);
                if (await CreateAsync(ct) is not { } system)
                {
                    continue;
                }

                var membership = new Membership(system, options, client);
                var reason = await membership.RunAsync(node, ct);
                if (ct.IsCancellationRequested)
                {
                    return;
                }

                Say($"{reason}; joining anew");
                if (membership.WasUp)
                {
                    backoff.Reset();
                }

                await Task.Delay(backoff.Next(), time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped between two memberships.
        }
    }

    private async Task<Address> FindAsync(JoinClient client, CancellationToken ct)
    {
        while (true)
        {
            var answer = await client.AskAsync(ct);
            if (answer.Node is not null)
            {
                lastLine = "";
                return answer.Node;
            }

            Say($"waiting for a coordinator: {answer.Problem}");
            await Task.Delay(answer.Starting ? WhileStarting : backoff.Next(), time, ct);
        }
    }

    /// <summary>Null when the port of the last ActorSystem is not free yet; the first one has to get its port.</summary>
    private async Task<ActorSystem?> CreateAsync(CancellationToken ct)
    {
        string[] names = options.Embedded ? ["base", "worker", "embedded"] : ["base", "worker"];
        var values = new NodeValues().Endpoint(options.Host, port).Roles(ClusterNames.WorkerRole, ClusterNames.WorkerIdRole(options.WorkerId));
        var config = options.Hocon.Compose(names, options.HoconFile, values);
        try
        {
            var system = await Task.Run(() => NodeSystem.Create(config, options.Host, port), ct);
            port = Akka.Cluster.Cluster.Get(system).SelfAddress.Port ?? port;
            hadSystem = true;
            return system;
        }
        catch (UserErrorException e) when (hadSystem)
        {
            Say(e.Message);
            await Task.Delay(backoff.Next(), time, ct);
            return null;
        }
    }

    private void Say(string line)
    {
        if (line != lastLine)
        {
            options.Log(line);
            lastLine = line;
        }
    }
}
