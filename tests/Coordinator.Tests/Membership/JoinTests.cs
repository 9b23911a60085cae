using ClusterBench.GpuWorker.Membership;

namespace ClusterBench.Tests.Membership;

public sealed class JoinTests
{
    [Fact]
    public async Task A_worker_waits_for_cluster_json_and_takes_URL_and_token_from_it()
    {
        using var folder = new TestFolder();
        var api = NodeProcess.FreePort();
        using var worker = NodeProcess.Start(null, "worker", "id=host/0", $"join=@{folder.File("cluster.json")}", "token=wrong");
        await worker.SaysAsync($"LOG waiting for a coordinator: {folder.File("cluster.json")} is not there yet");

        var text = $$"""{"url": "http://127.0.0.1:{{api}}", "token": "TOKEN", "pid": 1, "coordinatorPid": 1}""";
        await File.WriteAllTextAsync(folder.File("cluster.json"), text, TestContext.Current.CancellationToken);
        await worker.SaysAsync($"LOG waiting for a coordinator: http://127.0.0.1:{api}/ does not answer");
        using var coordinator = NodeProcess.Coordinator(folder.Path, api);
        await worker.SaysAsync($"LOG waiting for a coordinator: http://127.0.0.1:{api}/ refuses the token (CLUSTERBENCH_TOKEN)");

        await File.WriteAllTextAsync(folder.File("cluster.json"), text.Replace("TOKEN", "secret", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var up = await worker.UpAsync();
        await coordinator.SaysAsync($"MemberUp {up.Address}");
        // Said when it changes, not at every attempt.
        Assert.Equal(worker.Lines.Distinct().Count(static l => l.StartsWith("LOG", StringComparison.Ordinal)), worker.Lines.Count(static l => l.StartsWith("LOG", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("host:8080")]
    [InlineData("ftp://host")]
    public void What_is_no_URL_is_refused(string join) =>
        Assert.Throws<UserErrorException>(() => new JoinTargets(join, null));

    [Fact]
    public void Several_URLs_are_asked_in_their_order()
    {
        var targets = new JoinTargets("http://a:1, http://b:2/base/", "t").Current(out var problem);
        Assert.Null(problem);
        Assert.Equal([new JoinTarget(new Uri("http://a:1/"), "t"), new JoinTarget(new Uri("http://b:2/base/"), "t")], targets);
    }

    [Theory]
    [InlineData("{\"url\": ")]
    [InlineData("{\"token\": \"t\"}")]
    [InlineData("{\"url\": \"nonsense\", \"token\": \"t\", \"pid\": 1, \"coordinatorPid\": 1}")]
    public void A_file_that_is_not_whole_yet_is_a_reason_to_wait(string text)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("cluster.json"), text);
        Assert.Empty(new JoinTargets("@" + folder.File("cluster.json"), null).Current(out var problem));
        Assert.Contains("cluster.json", problem, StringComparison.Ordinal);
    }
}
