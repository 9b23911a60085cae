using ClusterBench.Arrays;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Tests.Tasks;

public sealed class RowReaderTests : IDisposable
{
    private const int Images = 10, ShardImages = 4, Width = 3;
    private readonly TempFolder folder = new();
    private readonly RunShard message = new();

    public RowReaderTests()
    {
        message.Submission = new SubmissionData { Run = "r", WorkDir = folder.Path, ConfigText = RunConfigText.Write(Config()), Checkpoint = Input("c.pth") };
        message.Plan = new PlanMade { Dimensions = { ["feat5"] = Width }, Splits = { new SplitPlan { Split = "train", Images = Images, ShardImages = ShardImages } } };
        // Not in the order of the rows, and with files of another feature and split beside them.
        foreach (var start in new[] { 8, 0, 4 })
        {
            var rows = Math.Min(ShardImages, Images - start);
            float[] values = [.. Enumerable.Range(start * Width, rows * Width).Select(i => (float)i)];
            var file = ContentStore.Put(folder.Path, PlanNames.Rows("train", start, start + rows), NpyBytes.Of<float>([rows, Width], values), "feat5");
            message.Inputs.Add(new ShardCompleted { Shard = $"extract/train/{start / ShardImages:D4}", Files = { new ShardFile(file) { Name = "feat4", Path = "/nowhere" }, file } });
        }

        message.Inputs.Add(new ShardCompleted { Shard = "extract/val/0000", Files = { new ShardFile { Name = "feat5", Path = "/nowhere" } } });
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 10), InlineData(0, 4), InlineData(4, 8), InlineData(3, 5), InlineData(1, 9), InlineData(7, 10), InlineData(9, 10), InlineData(5, 6)]
    public void Rows_are_read_across_the_borders_of_the_shards_files(int start, int end)
    {
        using var session = new RunSession(message.Submission, new WorkerSettings(1, folder.Path, ComputeDevice.Cpu));
        var read = RowReader.Read(Context(session), "train", "feat5", start, end);
        Assert.Equal(Enumerable.Range(start * Width, (end - start) * Width).Select(i => (float)i), read);
    }

    [Fact]
    public void The_order_may_bring_only_the_shards_whose_rows_are_read()
    {
        using var session = new RunSession(message.Submission, new WorkerSettings(1, folder.Path, ComputeDevice.Cpu));
        message.Inputs.Remove(message.Inputs.Single(i => i.Shard == "extract/train/0000"));
        Assert.Equal(Enumerable.Range(6 * Width, 4 * Width).Select(i => (float)i), RowReader.Read(Context(session), "train", "feat5", 6, 10));
        var error = Assert.Throws<InvalidOperationException>(() => RowReader.Read(Context(session), "train", "feat5", 3, 10));
        Assert.Equal("shard prepare was sent without the result of extract/train/0", error.Message);
    }

    [Fact]
    public void A_recorded_file_that_was_cut_is_an_error_that_names_it()
    {
        using var session = new RunSession(message.Submission, new WorkerSettings(1, folder.Path, ComputeDevice.Cpu));
        var path = message.Inputs.Single(i => i.Shard == "extract/train/0001").Files[1].Path;
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        var error = Assert.Throws<UserErrorException>(() => RowReader.Read(Context(session), "train", "feat5", 0, 6));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("--fresh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_on_another_device_refuses_the_run()
    {
        var gpu = ComputeDevice.Of(new Gpu(0, "a GPU", "", 1));
        var error = Assert.Throws<InvalidOperationException>(() => new RunSession(message.Submission, new WorkerSettings(1, folder.Path, gpu)));
        Assert.Equal("run r is computed on cpu and was given to a worker on cuda:0", error.Message);
    }

    [Fact]
    public void A_checkpoint_that_changed_since_the_submission_is_refused()
    {
        File.AppendAllText(message.Submission.Checkpoint.Path, "!");
        var error = Assert.Throws<UserErrorException>(() => new RunSession(message.Submission, new WorkerSettings(1, folder.Path, ComputeDevice.Cpu)));
        Assert.Contains("has changed since the run was submitted", error.Message, StringComparison.Ordinal);
    }

    private ShardContext Context(RunSession session) =>
        new(session, new WorkerSettings(1, folder.Path, ComputeDevice.Cpu), ShardPlanner.Prepare, message, (_, _) => { }, CancellationToken.None);

    private InputFileData Input(string name)
    {
        File.WriteAllText(folder.File(name), name);
        return new InputFileData { Path = folder.File(name), Sha256 = ClusterBench.Files.FileHash.Sha256(folder.File(name)) };
    }

    private static RunConfig Config() => new()
    {
        Benchmark = "features", Backbone = new BackboneConfig { Type = "ResNet", Depth = 18 }, BatchSize = 2, Pool = "gap", Features = ["feat5"],
        Data = new Dictionary<string, DatasetConfig>(StringComparer.Ordinal)
        {
            ["train"] = new() { Source = new DataSourceConfig { Type = "ImageNet", ListFile = "/l", Root = "/r" }, Pipeline = [new ToTensorConfig()] },
        },
        Threads = 1, Precision = "fp32", Reduction = "exact", Device = "cpu", Seed = 0, AllowPartial = false,
    };
}
