using System.Diagnostics;

namespace ClusterBench.Tests.Embedded;

/// <summary>This test program once more, as the owner of a cluster that can be killed.</summary>
public sealed class ParentProcess
{
    private const string Variable = "CLUSTERBENCH_TEST_PARENT_STATE_DIR";

    public static Process Start(string stateDir)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, ["-noLogo", "-explicit", "only", "-method", $"{typeof(ParentProcess).FullName}.{nameof(Owns_a_cluster_until_it_is_killed)}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        info.Environment[Variable] = stateDir;
        return Process.Start(info)!;
    }

    // Explicit: it runs only where Start asks for it by name.
    [Fact(Explicit = true)]
    public async Task Owns_a_cluster_until_it_is_killed()
    {
        string? stateDir = Environment.GetEnvironmentVariable(Variable);
        Assert.NotNull(stateDir);
        using var script = new ChildScript();
        await using var cluster = await ClusterBench.Cli.Embedded.EmbeddedCluster.StartAsync(
            script.Options with { StateDir = stateDir }, static _ => { }, TestContext.Current.CancellationToken);

        await Task.Delay(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.Fail("nobody killed this process");
    }
}
