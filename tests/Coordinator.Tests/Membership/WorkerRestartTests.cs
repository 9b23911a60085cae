using System.Diagnostics;
using System.Globalization;

namespace ClusterBench.Tests.Membership;

/// <summary>A coordinator that all tests of a class share: it outlives any number of workers.</summary>
public sealed class RunningCoordinator : IAsyncLifetime
{
    private readonly TestFolder folder = new();

    internal NodeProcess Node { get; private set; } = null!;

    internal TestFolder Folder => folder;

    internal int Api { get; } = NodeProcess.FreePort();

    public async ValueTask InitializeAsync()
    {
        Node = NodeProcess.Coordinator(folder.Path, Api);
        await Node.UpAsync();
    }

    public ValueTask DisposeAsync()
    {
        Node.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What happens to a worker's membership when its process or its ActorSystem ends.</summary>
public sealed class WorkerRestartTests(RunningCoordinator running) : IClassFixture<RunningCoordinator>
{
    private readonly NodeProcess coordinator = running.Node;
    private readonly TestFolder folder = running.Folder;
    private readonly int api = running.Api;

    [Fact]
    public async Task A_worker_killed_with_9_is_declared_dead_and_its_successor_on_the_same_address_is_a_member_again()
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var self = await coordinator.UpAsync();
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        worker.Kill();
        var killed = Stopwatch.GetTimestamp();
        await coordinator.SaysAsync($"MemberRemoved {up.Address} {up.Uid}");
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Single(coordinator.Lines, l => l.Contains($"Declaring {up.Address} dead", StringComparison.Ordinal));
        Assert.DoesNotContain(coordinator.Lines, l => l.Contains($"Declaring {self.Address}", StringComparison.Ordinal));
        await folder.BecomesAsync("members.json", text => !text.Contains(up.Address, StringComparison.Ordinal));

        using var successor = NodeProcess.Worker("host/0", api, $"port={Port(up.Address)}");
        var again = await successor.UpAsync();
        Assert.Equal(up.Address, again.Address);
        await coordinator.SaysAsync($"MemberUp {again.Address} {again.Uid}");
    }

    [Fact]
    public async Task A_worker_restarted_before_it_was_declared_dead_takes_its_own_place()
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");
        worker.Kill();
        await worker.ExitAsync();

        using var successor = NodeProcess.Worker("host/0", api, $"port={Port(up.Address)}");
        var again = await successor.UpAsync();
        await coordinator.SaysAsync($"MemberRemoved {up.Address} {up.Uid}");
        await coordinator.SaysAsync($"MemberUp {again.Address} {again.Uid}");
    }

    [Fact]
    public async Task A_worker_whose_ActorSystem_was_downed_comes_back_with_a_new_one_in_the_same_process()
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        var seen = worker.Lines.Count;
        coordinator.Command($"down {up.Address}");
        await worker.SaysAsync("LOG the cluster has removed this node; joining anew", seen);
        var again = await worker.UpAsync(seen);
        Assert.Equal(up.Address, again.Address);
        Assert.NotEqual(up.Uid, again.Uid);
        await coordinator.SaysAsync($"MemberUp {again.Address} {again.Uid}");
    }

    [Fact]
    public async Task A_worker_that_stood_still_until_it_was_declared_dead_comes_back_with_a_new_ActorSystem()
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        var seen = worker.Lines.Count;
        worker.Freeze();
        await coordinator.SaysAsync($"MemberRemoved {up.Address} {up.Uid}");
        worker.Thaw();
        var again = await worker.UpAsync(seen);
        Assert.Equal(up.Address, again.Address);
        Assert.NotEqual(up.Uid, again.Uid);
        await coordinator.SaysAsync($"MemberUp {again.Address} {again.Uid}");
    }

    [Theory]
    [InlineData("burn", "BURNING")]
    [InlineData("block", "BLOCKED")]
    public async Task A_worker_that_keeps_every_core_busy_or_blocks_threads_of_the_pool_is_not_taken_for_dead(string command, string answer)
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        worker.Command(command);
        await worker.SaysAsync(answer);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(coordinator.Lines, l => l.StartsWith($"UnreachableMember {up.Address}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_leaves_so_that_nobody_has_to_miss_it()
    {
        using var worker = NodeProcess.Worker("host/0", api);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        worker.Command("stop");
        Assert.Equal(0, await worker.ExitAsync());
        await coordinator.SaysAsync($"MemberRemoved {up.Address}");
        Assert.DoesNotContain(coordinator.Lines, l => l.StartsWith($"UnreachableMember {up.Address}", StringComparison.Ordinal));
        // Akka writes nothing to standard output, whatever starts or ends.
        Assert.All(worker.Lines.Where(static l => !l.StartsWith("STDERR", StringComparison.Ordinal)),
            static l => Assert.Matches("^(LOG|UP|ENDED|[A-Z][a-zA-Z]+ akka[.]tcp://)", l));
    }

    private static int Port(string address) => int.Parse(address.Split(':')[^1], CultureInfo.InvariantCulture);
}
