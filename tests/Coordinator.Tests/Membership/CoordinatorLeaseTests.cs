using ClusterBench.Coordinator.Membership;

namespace ClusterBench.Tests.Membership;

public sealed class CoordinatorLeaseTests
{
    [Fact]
    public async Task A_second_coordinator_is_refused_at_once_and_told_who_the_first_one_is()
    {
        using var folder = new TestFolder();
        using var first = NodeProcess.Coordinator(folder.Path, NodeProcess.FreePort());
        await first.UpAsync();

        var refused = Assert.Throws<UserErrorException>(() => CoordinatorLease.Take(folder.File("journal.db")));
        Assert.Contains($"process {first.Pid} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("coordinator.lock", refused.Message, StringComparison.Ordinal);

        first.Kill();
        await first.ExitAsync();
        using var lease = CoordinatorLease.Take(folder.File("journal.db"));
        refused = Assert.Throws<UserErrorException>(() => CoordinatorLease.Take(folder.File("journal.db")));
        Assert.Contains($"process {Environment.ProcessId} ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_that_was_given_back_can_be_taken_again()
    {
        using var folder = new TestFolder();
        CoordinatorLease.Take(folder.File("journal.db")).Dispose();
        using var again = CoordinatorLease.Take(folder.File("journal.db"));
        Assert.Throws<UserErrorException>(() => CoordinatorLease.Take(folder.File("journal.db")));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_names_the_lock()
    {
        using var folder = new TestFolder();
        var refused = Assert.Throws<UserErrorException>(() => CoordinatorLease.Take(folder.File("nowhere/journal.db")));
        Assert.Contains("nowhere/coordinator.lock cannot be opened", refused.Message, StringComparison.Ordinal);
    }
}
