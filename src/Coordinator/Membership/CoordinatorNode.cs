using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Persistence.Sql;
using ClusterBench.Api;
using ClusterBench.Cluster;

namespace ClusterBench.Coordinator.Membership;

/// <summary>
/// The coordinator as a member of the cluster: it holds the journal's lease, joins the members that outlived its predecessor and
/// declares the predecessor dead. A node that has ended (<see cref="Ended"/>) is not made anew: its process ends and is started again.
/// </summary>
public sealed class CoordinatorNode : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly CoordinatorLease lease;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private Task formation = Task.CompletedTask;

    private CoordinatorNode(ActorSystem system, CoordinatorLease lease)
    {
        System = system;
        this.lease = lease;
        Cluster = Akka.Cluster.Cluster.Get(system);
        Address = Cluster.SelfAddress;
    }

    public ActorSystem System { get; }

    public Akka.Cluster.Cluster Cluster { get; }

    /// <summary>The address that workers join.</summary>
    public Address Address { get; }

    /// <summary>Completes when this node is Up; fails when its ActorSystem ends before.</summary>
    public Task Ready => ready.Task;

    /// <summary>Completes when the ActorSystem has ended, by <see cref="StopAsync"/> or because the cluster threw this node out.</summary>
    public Task Ended => System.WhenTerminated;

    /// <summary>The answer of <c>GET /api/v1/join</c>; null until this node is Up.</summary>
    public JoinInfo? JoinInfo => Ready.IsCompletedSuccessfully && !Ended.IsCompleted ? new JoinInfo(Address.ToString(), Term: 0) : null;

    /// <summary>Starts the node; it is a member when <see cref="Ready"/> completes.</summary>
    /// <exception cref="UserErrorException">Another coordinator holds the journal, the journal cannot be opened, the port is in use, a settings file is wrong.</exception>
    public static async Task<CoordinatorNode> StartAsync(CoordinatorNodeOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var config = ReadSettings(options);
        MakeFolder(options.JournalFile);
        var lease = CoordinatorLease.Take(options.JournalFile);
        try
        {
            SqliteJournal.Prepare(options.JournalFile);
            var file = new MembersFile(options.JournalFile);
            var known = file.Read(options.Log);
            // Making an ActorSystem blocks its caller for a second or so.
            var system = await Task.Run(() => NodeSystem.Create(config, options.Host, options.Port), ct);
            var node = new CoordinatorNode(system, lease);
            node.Begin(file, known, options.Log);
            return node;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the cluster, ends the ActorSystem (15 s at most) and gives the lease back.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await NodeSystem.LeaveAsync(System, StopLimit);
        await formation;
        lease.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private static Config ReadSettings(CoordinatorNodeOptions options)
    {
        string[] names = options.Embedded ? ["base", "coordinator", "sqlite", "embedded"] : ["base", "coordinator", "sqlite"];
        var values = SqliteJournal.AddTo(new NodeValues().Endpoint(options.Host, options.Port), options.JournalFile);
        return options.Hocon.Compose(names, options.HoconFile, values).WithFallback(SqlPersistence.DefaultConfiguration)
            // Workers that lived on send sharding's messages from the first moment on; without these settings nobody could read them yet.
            .WithFallback(ClusterSharding.DefaultConfig());
    }

    private static void MakeFolder(string journalFile)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(journalFile))!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The folder {folder} for the journal cannot be made: {e.Message}", inner: e);
        }
    }

    private void Begin(MembersFile file, IReadOnlyList<KnownMember> known, Action<string> log)
    {
        System.ActorOf(Props.Create(() => new MembersRecorder(file, known, log)), "members-recorder");
        Cluster.RegisterOnMemberUp(() => ready.TrySetResult());
        _ = System.WhenTerminated.ContinueWith(
            _ => ready.TrySetException(new InvalidOperationException("The coordinator's ActorSystem ended before it was a member of the cluster.")),
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        // Nobody has to await Ready: its failure is seen by whoever does.
        _ = Ready.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        formation = FormAsync(known, log);
    }

    private async Task FormAsync(IReadOnlyList<KnownMember> known, Action<string> log)
    {
        var foundAfter = System.Settings.Config.GetTimeSpan("clusterbench.membership.found-after", TimeSpan.FromSeconds(10));
        try
        {
            var workers = known.Where(static m => m.Role == ClusterNames.WorkerRole).Select(static m => Parse(m.Address)).OfType<Address>().ToList();
            await new ClusterFormation(Cluster, foundAfter, log, TimeProvider.System).RunAsync(workers, stopping.Token);
            await Ready.WaitAsync(stopping.Token);
            log(string.Create(CultureInfo.InvariantCulture, $"coordinator is up at {Address}"));
        }
        catch (OperationCanceledException)
        {
            ready.TrySetException(new InvalidOperationException("The coordinator was stopped before it was a member of the cluster."));
        }
        catch (Exception e)
        {
            ready.TrySetException(e);
        }
    }

    private static Address? Parse(string text)
    {
        try
        {
            return Akka.Actor.Address.Parse(text);
        }
        catch (Exception e) when (e is UriFormatException or FormatException)
        {
            return null;
        }
    }
}
