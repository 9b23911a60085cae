using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Mistakes;

/// <summary>Mistakes with addresses and secrets of a long-lived cluster.</summary>
public sealed class PortsAndTokensTests
{
    [Theory]
    [InlineData("--api-port")]
    [InlineData("--port")]
    public async Task A_port_in_use_ends_the_coordinator_with_a_message_that_names_it(string option)
    {
        await using var folder = new TestFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        string other = option == "--port" ? "--api-port" : "--port";

        var result = await folder.RunAsync(["coordinator", option, port, other, "0", "--state-dir", folder.StateDir], LongLivedCluster.Environment);

        Assert.InRange(result.ExitCode, 1, 2);
        result.Complained(port, option);
    }

    [Fact]
    public async Task A_wrong_or_missing_token_is_told_from_a_cluster_that_is_not_there()
    {
        await using var folder = new TestFolder();
        await using var cluster = await LongLivedCluster.StartAsync(folder, workers: 0);
        string[] call = ["runs", "--cluster", cluster.Url];

        (await folder.RunAsync(call, new Dictionary<string, string?>(StringComparer.Ordinal) { ["CLUSTERBENCH_TOKEN"] = "another" })).Ended(2).Complained(cluster.Url, "CLUSTERBENCH_TOKEN");
        (await folder.RunAsync(call)).Ended(2).Complained(cluster.Url, "CLUSTERBENCH_TOKEN");
        (await folder.RunAsync(call, LongLivedCluster.Environment)).Ended(0);

        cluster.Coordinator.Signal(ProcessTable.SigTerm);
        Assert.Equal(0, (await cluster.Coordinator.EndAsync()).ExitCode);
        (await folder.RunAsync(call, LongLivedCluster.Environment)).Ended(3).Complained(cluster.Url);
        (await cluster.KnnAsync(Installation.Simclr, "work")).Ended(3).Complained(cluster.Url);
        Assert.False(Directory.Exists(folder.WorkDir));
    }

    [Fact]
    public async Task A_worker_with_a_wrong_token_says_so()
    {
        await using var folder = new TestFolder();
        await using var cluster = await LongLivedCluster.StartAsync(folder, workers: 0);
        await using var worker = folder.Start(["worker", "--join", cluster.Url, "--device", "cpu", "--work-root", folder.StateDir],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["CLUSTERBENCH_TOKEN"] = "another" });

        await worker.SaidAsync("token");
        Assert.Empty(await cluster.IdleWorkersAsync(0));
    }
}
