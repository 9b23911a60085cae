using ClusterBench.Cli.Plans;
using ClusterBench.Configs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Plans;

public sealed class PlanTextTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_dry_run_prints_the_plan_and_starts_nothing()
    {
        foreach (int i in Enumerable.Range(0, 40))
            _cli.Write($"images/train/{i}.png", "");
        _cli.Write("images/val/0.png", "");

        CallResult result = await _cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--workers", "2", "--threads", "1", "--device", "cpu", "--dry-run");

        Assert.Equal(0, result.Status);
        foreach (string line in (string[])
        [
            "benchmark   knn, k = 10 20, temperature 0.07",
            "backbone    ResNet_CIFAR-18, 700,176 parameters",
            "features    feat5 (128 numbers), pool gap, fp32",
            "train       40 images in meta/train.txt; 16 of 16 looked for are there",
            "val         20 images in meta/val.txt; 1 of 16 looked for are there",
            "workers     2 on this machine, cpu",
            "disk        about 30 KiB for features",
            "seed        0",
            "Nothing was started (--dry-run).",
        ])
            Assert.Contains(line + "\n", result.Out, StringComparison.Ordinal);
        Assert.Contains($"warning: val: 15 of 16 images looked for are missing, first {_cli.Path("images/val/1.png")}.", result.Out, StringComparison.Ordinal);
        Assert.Matches("work dir    work_dirs/selfsup/checkpoint/knn/[0-9a-f]{8}\n", result.Out);
        Assert.Matches("memory      about 2[0-9]{2} MiB per worker while extracting; bank 10 KiB per worker\n", result.Out);
        Assert.Empty(_cli.Embedded.Started);
        Assert.False(Directory.Exists(_cli.Path("work_dirs")));
    }

    [Theory]
    [InlineData("ResNet", 18, 64, 11_176_512, 512)]
    [InlineData("ResNet", 50, 64, 23_508_032, 2048)]
    [InlineData("ResNet", 101, 64, 42_500_160, 2048)]
    [InlineData("ResNet", 152, 64, 58_143_808, 2048)]
    [InlineData("ResNet", 34, 64, 21_284_672, 512)]
    public void Sizes_are_those_of_torchvision(string type, int depth, int width, long parameters, int feat5)
    {
        BackboneSize size = BackboneSize.Of(new BackboneConfig { Type = type, Depth = depth, StemChannels = width, BaseChannels = width });

        Assert.Equal((parameters, feat5), (size.Parameters, size.Widths["feat5"]));
        Assert.Equal(64, size.Widths["feat1"]);
    }

    [Fact]
    public void The_first_and_the_last_image_are_always_looked_for()
    {
        string[] images = [.. Enumerable.Range(0, 1000).Select(i => $"{i}.png")];

        DataCheck check = DataCheck.Of("/nowhere", images);

        Assert.Equal(16, check.Looked);
        Assert.Equal(("/nowhere/0.png", "/nowhere/999.png"), (check.Missing[0], check.Missing[^1]));
    }

    public void Dispose() => _cli.Dispose();
}
