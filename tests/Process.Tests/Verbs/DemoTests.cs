using ClusterBench.Tests.Harness;
using ClusterBench.Tests.Numbers;

namespace ClusterBench.Tests.Verbs;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_sets_a_pretrained_and_an_untrained_network_side_by_side_and_writes_reports()
    {
        await using var folder = new TestFolder();
        // A root of the test's own, since the demo works in its root's work_dirs.
        foreach (string name in new[] { "configs", "samples" })
            Directory.CreateSymbolicLink(folder.At(name), Path.Combine(Installation.Root, name));
        await using var demo = folder.Start(["demo", "--json"], new Dictionary<string, string?>(StringComparer.Ordinal) { ["CLUSTERBENCH_ROOT"] = folder.Root });

        var result = (await demo.EndAsync()).Ended(0);

        // 3 s on a machine that has nothing else to do.
        Assert.InRange(demo.FirstWordAfter!.Value.TotalSeconds, 0, 20);
        Assert.Single(result.Output.TrimEnd('\n').Split('\n'));
        var outcome = result.Outcome();
        Assert.Equal(("demo", "completed"), (outcome.Benchmark, outcome.Status));
        Assert.Equal(2, outcome.Children!.Count);
        foreach (var (child, checkpoint, tolerance) in new[] { (outcome.Children[0], "simclr", 1e-9), (outcome.Children[1], "random", 0.2 + 1e-9) })
        {
            Assert.Equal("completed", child.Status);
            foreach (var (metric, value) in PyTorch.Metrics(checkpoint))
                Assert.InRange(child.Metrics[metric], value - tolerance, value + tolerance);
            Assert.Contains(child.Run, File.ReadAllText(Path.Combine(folder.At(child.WorkDir), "report.html")), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder.At(child.WorkDir), "report.md")));
        }

        await folder.NothingSurvivesAsync();
        Assert.False(Directory.Exists(folder.At("work_dirs", ".clusterbench")));
    }
}
