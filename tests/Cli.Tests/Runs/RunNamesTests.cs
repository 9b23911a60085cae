using ClusterBench.Api;
using ClusterBench.Cli.Runs;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Runs;

public sealed class RunNamesTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    private readonly CliHarness _cli = new();
    private readonly List<RunView> _runs =
    [
        Views.Of("knn-20261123-4f2a", startedAt: Day.AddHours(2)),
        Views.Of("knn-20261123-4f2b", startedAt: Day.AddHours(5)),
        Views.Of("features-20261124-0001", startedAt: Day.AddHours(3)),
    ];

    [Theory]
    [InlineData("knn-20261123-4f2a", "knn-20261123-4f2a")]
    [InlineData("fea", "features-20261124-0001")]
    [InlineData("last", "knn-20261123-4f2b")]
    public void A_run_is_named_by_id_by_a_unique_prefix_or_as_the_last(string name, string run) =>
        Assert.Equal(run, Resolve(name).Run);

    [Fact]
    public void A_run_that_waits_in_the_queue_is_the_last() =>
        Assert.Equal("knn-20261125-9999", RunNames.Resolve("last", [.. _runs, Views.Of("knn-20261125-9999", "queued"), ], _cli.Around(), "here").Run);

    [Fact]
    public void An_id_that_is_a_prefix_of_another_means_itself()
    {
        _runs.Add(Views.Of("knn-20261123-4f2a-2"));

        Assert.Equal("knn-20261123-4f2a", Resolve("knn-20261123-4f2a").Run);
    }

    [Fact]
    public void A_prefix_of_several_is_refused_with_all_of_them()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Resolve("knn-"));

        Assert.Equal("'knn-' could be knn-20261123-4f2a or knn-20261123-4f2b; type more of it.", error.Message);
        Assert.Equal(2, error.ExitCode);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_nearest()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Resolve("knn-20261123-4f3a"));

        Assert.StartsWith("there is no run 'knn-20261123-4f3a' in here; did you mean 'knn-20261123-4f2a'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_means_the_run_that_its_run_json_names()
    {
        string folder = _cli.Path("work_dirs/x");
        _runs.Add(Views.Of("knn-20261123-aaaa", workDir: folder));
        _runs.Add(Views.Of("knn-20261123-bbbb", workDir: folder));
        RunFolder.Write(new RunFile { Run = "knn-20261123-aaaa", Hash = "00", StateDir = "/s", ConfigFiles = [], Submission = Views.Submission(folder) }, _cli.Files);

        Assert.Equal("knn-20261123-aaaa", Resolve("work_dirs/x/").Run);
    }

    [Fact]
    public void A_folder_without_run_json_means_the_newest_run_that_had_it()
    {
        string folder = _cli.Path("work_dirs/x");
        _runs.Add(Views.Of("knn-20261123-aaaa", workDir: folder));
        _runs.Add(Views.Of("knn-20261123-bbbb", workDir: folder));

        Assert.Equal("knn-20261123-bbbb", Resolve(folder).Run);
    }

    [Fact]
    public void A_folder_of_another_state_dir_is_refused_with_where_to_look()
    {
        string folder = _cli.Path("work_dirs/x");
        RunFolder.Write(new RunFile { Run = "knn-1", Hash = "00", StateDir = _cli.Path("elsewhere"), ConfigFiles = [], Submission = Views.Submission(folder) }, _cli.Files);

        UserErrorException error = Assert.Throws<UserErrorException>(() => Resolve("work_dirs/x"));

        Assert.Contains("add --state-dir elsewhere", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private RunView Resolve(string name) => RunNames.Resolve(name, _runs, _cli.Around(), "here");
}
