using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Protocol;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Verbs;

/// <summary>A run is its work dir; what is known of it is known without a cluster.</summary>
public sealed class RunFolderTests
{
    [Fact]
    public async Task A_completed_run_is_printed_again_without_work_asked_about_from_the_journal_and_done_anew_only_when_told()
    {
        await using var folder = new TestFolder();
        string[] data = SmallData.In(folder);
        string[] there = ["--state-dir", folder.StateDir];
        Assert.Equal("""{"runs":[]}""", (await folder.RunAsync(["runs", .. there, "--json"])).Ended(0).LastLine.Replace(" ", "", StringComparison.Ordinal));

        var first = (await folder.RunAsync(folder.Knn(Installation.Simclr, 2, data))).Ended(0);
        RunOutcome outcome = first.Outcome();
        Assert.Equal(("completed", "knn"), (outcome.Status, outcome.Benchmark));
        Assert.Single(first.Output.TrimEnd('\n').Split('\n'));
        AssertLedThrough(first);

        await AssertKnownAsync(folder, outcome);

        var again = (await folder.RunAsync(folder.Knn(Installation.Simclr, 2, data))).Ended(0);
        Assert.Equal(first.LastLine, again.LastLine);
        Assert.Contains("--fresh", again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("starting a coordinator", again.Error, StringComparison.Ordinal);
        (await folder.RunAsync(folder.Knn(Installation.RandomInit, 2, data))).Ended(2).Complained(folder.WorkDir, outcome.Run, "checkpoint");

        // Another folder is another run: the features are taken from the store.
        var other = (await folder.RunAsync(folder.Knn(Installation.Simclr, 1, [.. data, "--work-dir", folder.At("other")]))).Ended(0).Outcome();
        RunResults adopted = folder.Results(folder.At("other"));
        Assert.NotEqual(outcome.Run, other.Run);
        Assert.Equal(outcome.Metrics, other.Metrics);
        Assert.Equal(0, adopted.ImagesDecoded);
        Assert.Contains(adopted.Notes, note => note.Contains("feature store", StringComparison.Ordinal));

        // The same folder anew, and without the store: everything is computed again.
        var fresh = (await folder.RunAsync(folder.Knn(Installation.Simclr, 2, [.. data, "--fresh", "--no-cache"]))).Ended(0).Outcome();
        Assert.NotEqual(outcome.Run, fresh.Run);
        Assert.Equal(outcome.Metrics, fresh.Metrics);
        Assert.Equal(SmallData.Images, folder.Results().ImagesDecoded);
        var runs = JsonSerializer.Deserialize((await folder.RunAsync(["runs", .. there, "--json"])).Ended(0).LastLine, ApiJson.Default.RunPage)!.Runs;
        Assert.Equal([outcome.Run, other.Run, fresh.Run], runs.Select(run => run.Run));
        Assert.All(runs, run => Assert.Equal("completed", run.Status));
        Assert.All(runs, run => RunJournal.Read(folder.StateDir, run.Run == outcome.Run ? fresh.Run : run.Run).AssertWhole());
        await folder.NothingSurvivesAsync();
    }

    /// <summary>Standard error spoke before the cluster was there, and led through the run.</summary>
    private static void AssertLedThrough(ProgramResult result)
    {
        string[] lines = result.Error.TrimEnd('\n').Split('\n');
        int start = Array.FindIndex(lines, line => line.Contains("starting a coordinator", StringComparison.Ordinal));
        int run = Array.FindIndex(lines, line => line.StartsWith("run ", StringComparison.Ordinal));
        int extract = Array.FindIndex(lines, line => line.Contains("extract", StringComparison.Ordinal) && line.Contains('%', StringComparison.Ordinal));
        Assert.StartsWith("clusterbench ", lines[0], StringComparison.Ordinal);
        Assert.True(start > 0 && run > start && extract > run, $"start {start}, run {run}, extract {extract} of:\n{result.Error}");
    }

    private static async Task AssertKnownAsync(TestFolder folder, RunOutcome outcome)
    {
        string[] there = ["--state-dir", folder.StateDir];
        var journal = RunJournal.Read(folder.StateDir);
        var view = (await folder.RunAsync(["status", outcome.Run, .. there, "--json"])).Ended(0).View();
        Assert.Equal(("completed", 1.0, folder.WorkDir), (view.Status, view.Progress, view.WorkDir));
        Assert.Equal(outcome.Metrics, view.Metrics);
        Assert.Contains(outcome.Run, (await folder.RunAsync(["runs", .. there])).Ended(0).Output, StringComparison.Ordinal);

        // logs, events.jsonl and the journal say the same.
        string[] expected = [.. journal.Events.Select(e => $"{e.Seq} {e.Type}")];
        Assert.Equal(nameof(RunCompleted), journal.Events[^1].Type);
        Assert.Equal(expected, Events((await folder.RunAsync(["logs", outcome.Run, .. there, "--json"])).Ended(0).Output));
        Assert.Equal(expected, Events(File.ReadAllText(Path.Combine(folder.WorkDir, "events.jsonl"))));
        Assert.Equal(expected.Length, (await folder.RunAsync(["logs", "last", .. there])).Ended(0).Output.TrimEnd('\n').Split('\n').Length);

        foreach (string name in new[] { "report.html", "report.md" })
        {
            string path = Path.Combine(folder.WorkDir, name);
            Assert.Contains(outcome.Run, File.ReadAllText(path), StringComparison.Ordinal);
            File.Delete(path);
        }

        (await folder.RunAsync(["report", folder.WorkDir, .. there])).Ended(0);
        Assert.Contains(outcome.Run, File.ReadAllText(Path.Combine(folder.WorkDir, "report.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.WorkDir, "report.md")));
        Assert.True(File.Exists(Path.Combine(folder.WorkDir, "config.yaml")));
        Assert.Equal(SmallData.ExtractionShards, Directory.GetFiles(Path.Combine(folder.WorkDir, "features"), "*.npy", SearchOption.AllDirectories).Length);
    }

    private static string[] Events(string lines) =>
        [.. lines.TrimEnd('\n').Split('\n').Select(line => JsonSerializer.Deserialize(line, ApiJson.Default.EventView)!).Select(e => $"{e.Seq} {e.Type}")];
}
