using System.Diagnostics;
using ClusterBench.Cluster;

namespace ClusterBench.Tests.Membership;

public sealed class ParentWatchTests
{
    [Fact]
    public async Task A_child_ends_when_its_standard_input_ends()
    {
        using var folder = new TestFolder();
        using var child = NodeProcess.Start(Child, "coordinator", $"dir={folder.Path}", $"api={NodeProcess.FreePort()}");
        await child.UpAsync();
        child.CloseInput();
        await child.SaysAsync("ENDED", seconds: 15);
        Assert.Equal(0, await child.ExitAsync());
    }

    [Fact]
    public async Task A_child_that_does_not_end_in_time_is_ended()
    {
        using var child = NodeProcess.Start(Child, "stubborn");
        await child.SaysAsync("WATCHING True");
        child.CloseInput();
        await child.SaysAsync("ASKED TO END");
        var asked = Stopwatch.GetTimestamp();
        Assert.Equal(1, await child.ExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Without_a_parent_that_says_so_the_end_of_standard_input_means_nothing()
    {
        using var process = NodeProcess.Start(null, "stubborn");
        await process.SaysAsync("WATCHING False");
        process.CloseInput();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("ASKED TO END", process.Lines);
    }

    private static void Child(ProcessStartInfo info) => info.Environment[ParentWatch.Variable] = $"{Environment.ProcessId}";
}
