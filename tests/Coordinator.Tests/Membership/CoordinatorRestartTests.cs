namespace ClusterBench.Tests.Membership;

/// <summary>What the members see when the coordinator's process dies and another takes its place.</summary>
public sealed class CoordinatorRestartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_coordinator_restarted_after_kill_9_joins_the_living_worker_and_forms_no_island(bool onTheSamePort)
    {
        using var folder = new TestFolder();
        var api = NodeProcess.FreePort();
        using var first = NodeProcess.Coordinator(folder.Path, api);
        using var worker = NodeProcess.Worker("host/0", api);
        var old = await first.UpAsync();
        var workerUp = await worker.UpAsync();
        await first.SaysAsync($"MemberUp {workerUp.Address}");

        first.Kill();
        await first.ExitAsync();
        var seen = worker.Lines.Count;
        var port = onTheSamePort ? int.Parse(old.Address.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        using var second = NodeProcess.Coordinator(folder.Path, api, port);

        var restarted = await second.UpAsync();
        Assert.Equal(onTheSamePort, restarted.Address == old.Address);
        await second.SaysAsync("LOG Joining the living");
        await second.SaysAsync("LOG Joined the cluster that lived on");
        await second.SaysAsync($"MemberUp {workerUp.Address} {workerUp.Uid}");
        await worker.SaysAsync($"MemberRemoved {old.Address}", seen);
        await worker.SaysAsync($"MemberUp {restarted.Address}", seen);
        Assert.DoesNotContain(second.Lines, static l => l.Contains("forming a new cluster", StringComparison.Ordinal));
        Assert.Single(worker.Lines, static l => l.StartsWith("UP ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_coordinator_whose_workers_are_all_gone_forms_a_new_cluster_at_once()
    {
        using var folder = new TestFolder();
        var api = NodeProcess.FreePort();
        using (var first = NodeProcess.Coordinator(folder.Path, api))
        using (var worker = NodeProcess.Worker("host/0", api))
        {
            var up = await worker.UpAsync();
            await first.SaysAsync($"MemberUp {up.Address}");
            first.Kill();
            worker.Kill();
        }

        using var second = NodeProcess.Coordinator(folder.Path, api);
        await second.UpAsync();
        Assert.Contains("LOG None of the 1 known members runs any more: forming a new cluster.", second.Lines);
    }

    [Fact]
    public async Task A_worker_leaves_the_island_on_which_a_coordinator_without_its_list_of_members_left_it()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("lonely.hocon"), "clusterbench.membership.lonely-after = 3s");
        var api = NodeProcess.FreePort();
        using var first = NodeProcess.Coordinator(folder.Path, api);
        using var worker = NodeProcess.Worker("host/0", api, $"hocon={folder.File("lonely.hocon")}");
        var up = await worker.UpAsync();
        first.Kill();
        await first.ExitAsync();
        File.WriteAllText(folder.File("members.json"), "[ { \"address\": ");

        var seen = worker.Lines.Count;
        using var second = NodeProcess.Coordinator(folder.Path, api);
        Assert.Contains("members.json cannot be used", await second.SaysAsync("LOG "), StringComparison.Ordinal);
        await second.SaysAsync("LOG No member is known: forming a new cluster.");
        Assert.Contains("is not reachable in this cluster; joining anew", await worker.SaysAsync("LOG the coordinator lives at", seen), StringComparison.Ordinal);
        var again = await worker.UpAsync(seen);
        Assert.Equal(up.Address, again.Address);
        Assert.NotEqual(up.Uid, again.Uid);
        await second.SaysAsync($"MemberUp {again.Address} {again.Uid}");
    }

    [Fact]
    public async Task A_coordinator_that_stood_still_takes_nobody_for_dead()
    {
        using var folder = new TestFolder();
        var api = NodeProcess.FreePort();
        using var coordinator = NodeProcess.Coordinator(folder.Path, api);
        using var worker = NodeProcess.Worker("host/0", api);
        var self = await coordinator.UpAsync();
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");

        coordinator.Freeze();
        await worker.SaysAsync($"UnreachableMember {self.Address}");
        await Task.Delay(TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken);
        coordinator.Thaw();

        await worker.SaysAsync($"ReachableMember {self.Address}");
        await Task.Delay(TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(coordinator.Lines, static l => l.Contains("Declaring", StringComparison.Ordinal) || l.StartsWith("MemberRemoved", StringComparison.Ordinal));
        Assert.Single(worker.Lines, static l => l.StartsWith("UP ", StringComparison.Ordinal));
    }
}
