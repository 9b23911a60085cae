using ClusterBench.Api;
using ClusterBench.Cli.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class FolderRuleTests
{
    private static readonly RunSubmission Known = Views.Submission("/w", "1111111111111111");
    private static readonly RunFile File = new() { Run = Known.Run, Hash = Known.Hash, StateDir = "/s", ConfigFiles = [], Submission = Known };

    [Theory]
    [InlineData("configs/samples/selfsup.yaml", "/home/u/work_dirs/samples/selfsup/moco_r50/knn/4f2a1b3c")]
    [InlineData("configs/x.y.yaml", "/home/u/work_dirs/x.y/moco_r50/knn/4f2a1b3c")]
    [InlineData("/program/configs/samples/selfsup.yaml", "/home/u/work_dirs/samples/selfsup/moco_r50/knn/4f2a1b3c")]
    [InlineData("mine/selfsup.yaml", "/home/u/work_dirs/mine/selfsup/moco_r50/knn/4f2a1b3c")]
    [InlineData("/elsewhere/configs/selfsup.yaml", "/home/u/work_dirs/selfsup/moco_r50/knn/4f2a1b3c")]
    [InlineData("../selfsup.yaml", "/home/u/work_dirs/selfsup/moco_r50/knn/4f2a1b3c")]
    public void A_run_lies_under_its_config_checkpoint_benchmark_and_hash(string config, string folder) =>
        Assert.Equal(folder, WorkDirs.Default(config, "/data/moco_r50.pth", "knn", "4f2a1b3c99990000", "/home/u", "/program"));

    [Fact]
    public void A_folder_without_a_run_takes_a_new_one() => Assert.Equal(FolderState.New, FolderDecision.Of(null, null, Known, fresh: false));

    [Fact]
    public void The_same_run_without_results_is_unfinished() => Assert.Equal(FolderState.Unfinished, FolderDecision.Of(File, null, Known, fresh: false));

    [Fact]
    public void The_same_run_with_results_is_completed() => Assert.Equal(FolderState.Completed, FolderDecision.Of(File, Views.Results(Known), Known, fresh: false));

    [Fact]
    public void Results_of_another_run_do_not_complete_this_one() =>
        Assert.Equal(FolderState.Unfinished, FolderDecision.Of(File, Views.Results(Known with { Run = "knn-older" }), Known, fresh: false));

    [Fact]
    public void Fresh_starts_anew_whatever_is_there() => Assert.Equal(FolderState.New, FolderDecision.Of(File, Views.Results(Known), Known with { Hash = "2" }, fresh: true));

    [Fact]
    public void Features_for_another_output_folder_are_written_anew() =>
        Assert.Equal(FolderState.New, FolderDecision.Of(File, Views.Results(Known), Known with { OutDir = "/other" }, fresh: false));

    [Fact]
    public void Another_hash_is_refused_with_everything_that_differs()
    {
        RunSubmission wanted = Known with
        {
            Hash = "2222222222222222", ConfigText = "knn:\n  k: [10]\nthreads: 2\nseed: 1\n", Checkpoint = new InputFile("/data/other.pth", "ee", 9),
            Lists = new Dictionary<string, InputFile>(), Benchmark = "features",
        };

        UserErrorException error = Assert.Throws<UserErrorException>(() => FolderDecision.Of(File, null, wanted, fresh: false));

        Assert.Equal(2, error.ExitCode);
        Assert.StartsWith("/w belongs to another run, knn-20261123-1234. What differs:\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("  benchmark: knn there, features now\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("  checkpoint: /data/checkpoint.pth (SHA-256 aa) there, /data/other.pth (SHA-256 ee) now\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("  list of train: /data/train.txt (SHA-256 bb) there, none now\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("  knn.k: [10, 20] there, [10] now\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("  seed: (absent) there, 1 now\n", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("threads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_is_benchmark_day_and_four_digits_of_the_hash_and_stays_apart_from_taken_ones()
    {
        var day = new DateTimeOffset(2026, 11, 23, 23, 30, 0, TimeSpan.FromHours(-2));
        var taken = new HashSet<string>(StringComparer.Ordinal);

        Assert.Equal("knn-20261124-4f2a", RunIds.New("knn", day, "4f2a1b", taken));
        taken.UnionWith(["knn-20261124-4f2a", "knn-20261124-4f2a-2"]);
        Assert.Equal("knn-20261124-4f2a-3", RunIds.New("knn", day, "4f2a1b", taken));
    }

    [Theory]
    [InlineData(200, "configs/selfsup/moco.yaml", null, null, "work_dirs/selfsup/moco/epoch_200.pth")]
    [InlineData(5, "/x/configs/moco.py", null, null, "/x/work_dirs/moco/epoch_5.pth")]
    [InlineData(5, "moco.yaml", null, null, "moco/epoch_5.pth")]
    [InlineData(5, "configs/moco.yaml", null, "runs/moco", "runs/moco/epoch_5.pth")]
    [InlineData(5, "configs/moco.yaml", "mine", "runs/moco", "mine/epoch_5.pth")]
    public void Epoch_looks_in_the_option_then_in_the_configs_work_dir_then_where_upstream_writes(int epoch, string config, string? option, string? workDir, string file) =>
        Assert.Equal(file, EpochRule.Checkpoint(epoch, config, option, workDir));
}
