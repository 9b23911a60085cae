using System.Globalization;
using ClusterBench.Api;

namespace ClusterBench.Tests.Reports;

/// <summary>Results as a run of the samples leaves them.</summary>
internal static class SampleRuns
{
    public static RunResults SimClr { get; } = new()
    {
        Run = "knn-20261124-4f2a",
        Benchmark = "knn",
        Status = "completed",
        WorkDir = "work_dirs/samples/selfsup/simclr_r18w16_fashion/knn/1a2b3c4d",
        Metrics = new Dictionary<string, double>
        {
            ["top1@k=100"] = 79.10000000000001, ["top1@k=20"] = 80.2, ["top1@k=10"] = 80.7, ["top1@k=200"] = 77.3,
            ["top5@k=100"] = 98.7, ["top5@k=20"] = 96.4, ["top5@k=10"] = 93.25, ["top5@k=200"] = 98.9,
        },
        Seconds = 12.3456,
        Config = "configs/samples/selfsup.yaml",
        Command = "clusterbench knn configs/samples/selfsup.yaml --pretrained samples/simclr_r18w16_fashion.pth --k \"10 20 100 200\"",
        Hash = new string('a', 64),
        ConfigSha256 = new string('c', 64),
        Checkpoint = new InputFile("samples/simclr_r18w16_fashion.pth", new string('1', 64), 2_834_567),
        Lists = new Dictionary<string, InputFile>
        {
            ["val"] = new("samples/fashion/meta/val.txt", new string('3', 64), 20_000),
            ["train"] = new("samples/fashion/meta/train.txt", new string('2', 64), 40_000),
        },
        Images = new Dictionary<string, int> { ["train"] = 2000, ["val"] = 1000 },
        Seed = 0,
        Threads = 1,
        Precision = "fp32",
        Reduction = "exact",
        Pool = "gap",
        Dimensions = new Dictionary<string, int> { ["feat5"] = 128 },
        Versions = new Dictionary<string, string> { ["clusterbench"] = "0.1.0", ["libtorch"] = "2.10.0" },
        Hardware = new Dictionary<string, string> { ["cpu"] = "Imaginary 9000", ["cores"] = "2" },
        Timings = new Dictionary<string, double> { ["extract train"] = 6.0, ["extract val"] = 4.0, ["search"] = 1.25 },
        ImagesDecoded = 3000,
        Recoveries = 1,
        StartedAt = At("2026-11-24T23:00:00Z"),
        CompletedAt = At("2026-11-24T23:00:12.3456Z"),
        Notes = [],
    };

    public static RunResults RandomInit { get; } = SimClr with
    {
        Run = "knn-20261124-77b0",
        Checkpoint = new InputFile("samples/random_init_r18w16.pth", new string('9', 64), 2_834_500),
        Metrics = SimClr.Metrics.ToDictionary(static m => m.Key, static m => m.Value - 10.25),
    };

    public static IReadOnlyList<EventView> Events(int count) =>
        [.. Enumerable.Range(1, count).Select(static n => new EventView
        {
            Seq = n, At = At("2026-11-24T23:00:00Z").AddSeconds(n), Type = n == 1 ? "RunAccepted" : "ShardCompleted", Text = $"event number {n}",
        })];

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
