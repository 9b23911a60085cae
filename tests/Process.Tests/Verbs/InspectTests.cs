using System.Text.Json;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Verbs;

/// <summary>Verbs that only look: they start no cluster and leave nothing behind.</summary>
public sealed class InspectTests
{
    [Fact]
    public async Task Dry_run_prints_the_plan_and_starts_and_writes_nothing()
    {
        await using var folder = new TestFolder();

        var result = (await folder.RunAsync(["knn", Installation.SelfsupConfig, "--pretrained", Installation.Simclr, "--workers", "2", "--threads", "1",
            "--work-dir", folder.WorkDir, "--state-dir", folder.StateDir, "--dry-run"])).Ended(0);

        Assert.Contains("2000", result.Output.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(folder.WorkDir, result.Output.Replace("work\n", folder.WorkDir, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Model_show_lists_the_tensors_under_their_names_in_the_state_dict()
    {
        await using var folder = new TestFolder();

        var result = (await folder.RunAsync("model", "show", Installation.SelfsupConfig, "--format", "json")).Ended(0);

        var parameters = JsonDocument.Parse(result.Output).RootElement.GetProperty("parameters").EnumerateArray().ToDictionary(
            p => p.GetProperty("name").GetString()!, p => p.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32()).ToArray(), StringComparer.Ordinal);
        Assert.Equal([16, 3, 3, 3], parameters["conv1.weight"]);
        Assert.Equal([128], parameters["layer4.1.bn2.running_var"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
        await folder.NothingSurvivesAsync();
    }
}
