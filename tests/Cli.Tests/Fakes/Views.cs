using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.Tests.Fakes;

/// <summary>Runs and results for tests.</summary>
internal static class Views
{
    public static RunView Of(string run, string status = "completed", string workDir = "/nowhere", DateTimeOffset? startedAt = null) => new()
    {
        Run = run, Benchmark = "knn", Status = status, Config = "configs/selfsup.yaml", Checkpoint = "/data/checkpoint.pth", WorkDir = workDir,
        Hash = "00", Progress = status == "completed" ? 1 : 0.5, Workers = [], StartedAt = startedAt, ShardsDone = 3, ShardsTotal = 6, Phase = "extract train",
    };

    public static InputFile File(string path = "/data/checkpoint.pth", string sha = "aa") => new(path, sha, 7);

    public static RunSubmission Submission(string workDir, string hash = "1234567890abcdef", string run = "knn-20261123-1234") => new()
    {
        Run = run, Benchmark = "knn", Config = "configs/selfsup.yaml", ConfigText = "knn:\n  k: [10, 20]\nthreads: 2\n", Hash = hash, Checkpoint = File(),
        Lists = new Dictionary<string, InputFile> { ["train"] = File("/data/train.txt", "bb") }, Images = new Dictionary<string, int> { ["train"] = 40 }, WorkDir = workDir,
    };

    public static void WriteResults(RunSubmission submission)
    {
        Directory.CreateDirectory(submission.WorkDir);
        System.IO.File.WriteAllText(Path.Combine(submission.WorkDir, "results.json"), JsonSerializer.Serialize(Results(submission), ApiJson.Default.RunResults));
    }

    public static RunResults Results(RunSubmission submission) => new()
    {
        Run = submission.Run, Benchmark = submission.Benchmark, Status = "completed", WorkDir = submission.WorkDir, Seconds = 12.3,
        Metrics = new Dictionary<string, double> { ["top1@k=10"] = 81.4, ["top5@k=10"] = 97.25 }, Config = submission.Config, Hash = submission.Hash,
        ConfigSha256 = "cc", Checkpoint = submission.Checkpoint, Lists = submission.Lists, Images = submission.Images, Seed = 0, Threads = 1, Precision = "fp32",
        Reduction = "exact", Pool = "gap", Dimensions = new Dictionary<string, int> { ["feat5"] = 128 }, Versions = new Dictionary<string, string>(),
        Hardware = new Dictionary<string, string>(), Timings = new Dictionary<string, double>(), ImagesDecoded = 60, Recoveries = 0,
        StartedAt = DateTimeOffset.UnixEpoch, CompletedAt = DateTimeOffset.UnixEpoch, Notes = [],
    };
}
