using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Mistakes;

/// <summary>Files that are missing, damaged or of another kind: one message that names the thing, and nothing is left running.</summary>
public sealed class WrongFilesTests
{
    [Fact]
    public async Task A_missing_checkpoint_config_or_list_is_named_before_anything_is_started()
    {
        await using var folder = new TestFolder();
        string near = Installation.Sample("simclr_r18w16_fashon.pth");
        (await folder.RunAsync(folder.Knn(near, 1))).Ended(2).Complained(near, Installation.Simclr);
        (await folder.RunAsync(["knn", folder.At("no.yaml"), "--pretrained", Installation.Simclr, "--work-dir", folder.WorkDir, "--state-dir", folder.StateDir]))
            .Ended(2).Complained(folder.At("no.yaml"));
        (await folder.RunAsync(folder.Knn(Installation.Simclr, 1, "--set", $"data.val.data_source.list_file={folder.At("no.txt")}")))
            .Ended(2).Complained(folder.At("no.txt"), "val");

        Assert.False(Directory.Exists(folder.StateDir));
        Assert.False(Directory.Exists(folder.WorkDir));
        await folder.NothingSurvivesAsync();
    }

    [Fact]
    public async Task A_wrong_key_is_named_with_file_line_column_and_the_nearest_name()
    {
        await using var folder = new TestFolder();
        string[] lines = File.ReadAllLines(Installation.SelfsupConfig);
        int line = Array.FindIndex(lines, text => text.Contains("stem_channels:", StringComparison.Ordinal));
        int column = lines[line].IndexOf("stem_channels", StringComparison.Ordinal) + 1;
        string config = folder.Write("wrong.yaml", string.Join('\n', lines).Replace("stem_channels:", "stem_chanels:", StringComparison.Ordinal));

        (await folder.RunAsync(["knn", config, "--pretrained", Installation.Simclr, "--work-dir", folder.WorkDir, "--state-dir", folder.StateDir]))
            .Ended(2).Complained($"wrong.yaml:{line + 1}:{column}", "stem_chanels", "stem_channels");

        Assert.False(Directory.Exists(folder.WorkDir));
    }

    [Fact]
    public async Task A_checkpoint_of_another_architecture_fails_the_run_and_says_how_little_of_it_matched()
    {
        await using var folder = new TestFolder();

        (await folder.RunAsync(folder.Knn(Installation.RandomInit, 1, ["--set", "model.backbone.type=ResNet", "--set", "model.backbone.depth=50", .. SmallData.In(folder)])))
            .Ended(1).Complained(Installation.RandomInit, "--allow-partial");

        await folder.NothingSurvivesAsync();
    }

    [Fact]
    public async Task A_truncated_image_is_named_and_once_it_is_repaired_resume_goes_on()
    {
        await using var folder = new TestFolder();
        // Links to all images, so that one of them may be another file here than in the samples.
        foreach (string split in new[] { "train", "val" })
        {
            Directory.CreateDirectory(folder.At("images", split));
            foreach (string image in Directory.EnumerateFiles(Installation.Sample("fashion", split)))
                File.CreateSymbolicLink(folder.At("images", split, Path.GetFileName(image)), image);
        }

        string[] data = [.. SmallData.In(folder), "--set", $"data.train.data_source.root={folder.At("images")}", "--set", $"data.val.data_source.root={folder.At("images")}"];
        string damaged = folder.At("images", File.ReadLines(folder.At("train.txt")).ElementAt(SmallData.Train - 5).Split(' ')[0]);
        string whole = File.ResolveLinkTarget(damaged, returnFinalTarget: true)!.FullName;
        File.Delete(damaged);
        File.WriteAllBytes(damaged, File.ReadAllBytes(whole)[..200]);

        (await folder.RunAsync(folder.Knn(Installation.Simclr, 1, data))).Ended(1).Complained(damaged, "truncated");

        await folder.NothingSurvivesAsync();
        var half = RunJournal.Read(folder.StateDir);
        half.AssertWhole();
        Assert.Equal("failed", (await folder.RunAsync("status", "last", "--state-dir", folder.StateDir, "--json")).Ended(0).View().Status);
        File.Delete(damaged);
        File.CreateSymbolicLink(damaged, whole);
        (await folder.RunAsync("resume", "last", "--state-dir", folder.StateDir, "--workers", "1", "--json")).Ended(0);
        var journal = RunJournal.Read(folder.StateDir);
        journal.AssertWhole();
        journal.AssertEachImageDecodedOnce();
        Assert.NotEmpty(half.State.Completed);
        Assert.All(half.State.Completed, done => Assert.Equal(done.Value, journal.State.Completed[done.Key]));
        await folder.NothingSurvivesAsync();
    }
}
