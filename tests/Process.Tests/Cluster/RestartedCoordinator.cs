using System.Diagnostics;
using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Cluster;
using ClusterBench.Coordinator.Membership;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Cluster;

/// <summary>The coordinator of a cluster whose workers live on while it is killed and started again, on its old API port and journal.</summary>
internal sealed class RestartedCoordinator(TestFolder folder, LongLivedCluster cluster, IReadOnlyList<WorkerView> workers) : IAsyncDisposable
{
    /// <summary>Much more than it takes, since two more processes than cores compete for them; for good is longer than that.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly string port = new Uri(cluster.Url).Port.ToString(CultureInfo.InvariantCulture);
    private RunningProgram present = cluster.Coordinator;

    /// <summary>kill -9, and the next one is started.</summary>
    public async Task RestartAsync()
    {
        present.Signal(ProcessTable.SigKill);
        await present.EndAsync();
        present = folder.Start(["coordinator", "--port", "0", "--api-port", port, "--state-dir", folder.StateDir], LongLivedCluster.Environment);
    }

    /// <summary>Waits until the present coordinator is a process with a node, on its way into the cluster.</summary>
    public Task OnItsWayAsync() => present.SaidAsync("Joining the living");

    /// <summary>Waits until every worker has registered again, as the process and incarnation that it was; returns how long it took.</summary>
    public async Task<TimeSpan> WorkersBackAsync()
    {
        var begin = Stopwatch.GetTimestamp();
        var expected = workers.Select(w => (w.Id, w.Pid, w.Incarnation)).Order().ToList();
        using var api = cluster.Client();
        await Eventually.HaveAsync(async () =>
        {
            try
            {
                var known = await api.WorkersAsync(TestContext.Current.CancellationToken);
                return known.Where(w => w.State != "lost").Select(w => (w.Id, w.Pid, w.Incarnation)).Order().SequenceEqual(expected) ? "" : null;
            }
            catch (ClusterUnreachableException) when (!present.HasEnded)
            {
                return null;
            }
        }, $"all workers are registered again; the coordinator said:\n{present.ErrorSoFar}", Bound);
        return Stopwatch.GetElapsedTime(begin);
    }

    /// <summary>One cluster: this coordinator, the workers, nobody else, and none was formed beside the one that lived on.</summary>
    public async Task AssertNoIslandAsync()
    {
        Assert.All(workers, worker => Assert.True(ProcessTable.Lives(worker.Pid), $"worker {worker.Id} has ended"));
        Assert.DoesNotContain("forming a new cluster", present.ErrorSoFar, StringComparison.Ordinal);
        using var api = cluster.Client();
        var node = await api.JoinAsync(TestContext.Current.CancellationToken);
        string[] expected = [.. workers.Select(w => w.Id).Append(node.Address).Order(StringComparer.Ordinal)];
        string[] members = [];
        // The predecessor's place is written off when the cluster has removed it, which no answer waits for.
        await Eventually.TrueAsync(() =>
        {
            var list = new MembersFile(Path.Combine(folder.StateDir, "journal.db")).Read(Assert.Fail);
            members = [.. list.Select(m => m.Role == ClusterNames.CoordinatorRole ? m.Address : m.Worker!).Order(StringComparer.Ordinal)];
            return members.SequenceEqual(expected, StringComparer.Ordinal);
        }, $"the members are {string.Join(", ", expected)}; the coordinator said:\n{present.ErrorSoFar}", Bound);
    }

    public ValueTask DisposeAsync() => present.DisposeAsync();
}
