using ClusterBench.Api;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Numbers;

/// <summary>
/// One backbone in several files, on one long-lived cluster. The feature store knows a backbone by its weights, so a file that holds
/// the same ones costs no image; one that holds others must not profit from it.
/// </summary>
public sealed class CheckpointKindsTests
{
    [Fact]
    public async Task A_backbone_is_the_same_whatever_file_it_comes_in_and_another_one_is_another()
    {
        await using var folder = new TestFolder();
        await using var cluster = await LongLivedCluster.StartAsync(folder, workers: 2);
        RunResults original = await KnnAsync("original", Installation.Simclr);
        Assert.Equal(3000, original.ImagesDecoded);

        string extracted = folder.At("backbone.pth");
        var report = (await folder.RunAsync("extract-backbone", Installation.Sample("moco_style_facebook.pth"), extracted)).Ended(0);
        Assert.Contains("encoder_q", report.Output, StringComparison.Ordinal);
        foreach (var (name, file) in new[]
        {
            ("legacy", Installation.Sample("simclr_r18w16_fashion_legacy.pth")),
            ("facebook", Installation.Sample("moco_style_facebook.pth")),
            ("extracted", extracted),
        })
        {
            RunResults same = await KnnAsync(name, file);
            Assert.Equal(original.Metrics, same.Metrics);
            Assert.Equal((name, 0L), (name, same.ImagesDecoded));
            Assert.NotEqual(original.Checkpoint.Sha256, same.Checkpoint.Sha256);
            Assert.Contains(same.Notes, note => note.Contains("feature store", StringComparison.Ordinal));
        }

        RunResults half = await KnnAsync("fp16", Installation.Sample("simclr_r18w16_fashion_fp16.pth"));
        Assert.Equal(3000, half.ImagesDecoded);
        foreach (var (name, value) in original.Metrics)
            Assert.True(Math.Abs(half.Metrics[name] - value) <= 0.5, $"fp16, {name}: {half.Metrics[name]} instead of about {value}");

        async Task<RunResults> KnnAsync(string workDir, string checkpoint)
        {
            var outcome = (await cluster.KnnAsync(checkpoint, workDir)).Ended(0).Outcome();
            RunJournal.Read(folder.StateDir, outcome.Run).AssertWhole();
            return folder.Results(folder.At(workDir));
        }
    }
}
