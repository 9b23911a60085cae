namespace ClusterBench.Tests.Scripts;

public sealed class ClusterbenchScriptTests : IDisposable
{
    private readonly ScriptedRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task First_call_builds_and_becomes_the_program_with_its_arguments_and_exit_status()
    {
        var ending = await _repository.CallAsync("knn", "two words", "");

        Assert.Equal((7, $"{_repository.Root}\n{_repository.Root}\n[knn]\n[two words]\n[]\n"), (ending.ExitCode, ending.Output));
        Assert.StartsWith("building ...", ending.Error, StringComparison.Ordinal);
        Assert.Equal("src/Cli/Cli.csproj", Assert.Single(File.ReadAllLines(_repository.FilePath("fake/builds"))));
    }

    [Fact]
    public async Task Second_call_builds_nothing_and_says_nothing_of_its_own()
    {
        await _repository.CallAsync();
        var ending = await _repository.CallAsync();

        Assert.Equal((7, ""), (ending.ExitCode, ending.Error));
        Assert.Equal(1, _repository.Builds);
    }

    [Theory]
    [InlineData("src/Cli/Program.cs")]
    [InlineData("src/Cli/New.cs")]
    [InlineData("hocon/base.hocon")]
    [InlineData("build/New.targets")]
    [InlineData("Directory.Build.props")]
    [InlineData("global.json")]
    public async Task A_file_that_was_changed_or_added_is_built(string file)
    {
        await _repository.CallAsync();
        await File.WriteAllTextAsync(_repository.FilePath(file), "changed", TestContext.Current.CancellationToken);

        var ending = await _repository.CallAsync();

        Assert.Equal((7, "building ...\n"), (ending.ExitCode, ending.Error));
        Assert.Equal(2, _repository.Builds);
    }

    [Fact]
    public async Task A_deleted_source_and_a_deleted_program_are_noticed()
    {
        await _repository.CallAsync();
        File.Delete(_repository.FilePath("src/Cli/Program.cs"));
        await _repository.CallAsync();
        Assert.Equal(2, _repository.Builds);

        Directory.Delete(_repository.FilePath("artifacts/bin"), recursive: true);
        Assert.Equal(7, (await _repository.CallAsync()).ExitCode);
        Assert.Equal(3, _repository.Builds);
    }

    [Fact]
    public async Task First_calls_at_the_same_time_build_once()
    {
        await File.WriteAllTextAsync(_repository.FilePath("fake/slow"), "", TestContext.Current.CancellationToken);
        var endings = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _repository.CallAsync()));

        Assert.All(endings, static e => Assert.Equal(7, e.ExitCode));
        Assert.Equal(1, _repository.Builds);
    }

    [Fact]
    public async Task It_works_through_a_link_and_from_any_folder()
    {
        string link = _repository.FilePath("fake/cb");
        File.CreateSymbolicLink(link, _repository.FilePath("clusterbench"));

        var ending = await _repository.CallFromAsync(link, "/usr", _repository.FilePath("fake"), "runs");

        Assert.Equal((7, $"{_repository.Root}\n/usr\n[runs]\n"), (ending.ExitCode, ending.Output));
    }

    [Fact]
    public async Task A_failed_build_shows_the_compilers_errors_and_starts_nothing()
    {
        await _repository.CallAsync();
        await File.WriteAllTextAsync(_repository.FilePath("fake/broken"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_repository.FilePath("src/Cli/Program.cs"), "{", TestContext.Current.CancellationToken);

        var ending = await _repository.CallAsync();

        Assert.Equal((1, ""), (ending.ExitCode, ending.Output));
        Assert.Contains("error CS1002: ; expected", ending.Error, StringComparison.Ordinal);
        Assert.Contains($"{_repository.Root}/artifacts/build.log", ending.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Determining projects", ending.Error, StringComparison.Ordinal);
        await _repository.CallAsync();
        Assert.Equal(3, _repository.Builds);
    }

    [Fact]
    public async Task An_SDK_that_is_too_old_or_missing_is_one_clear_error()
    {
        await File.WriteAllTextAsync(_repository.FilePath("fake/no-sdk"), "", TestContext.Current.CancellationToken);
        var old = await _repository.CallAsync();
        var missing = await _repository.CallFromAsync(_repository.FilePath("clusterbench"), _repository.Root, "/nowhere");

        Assert.Equal(2, old.ExitCode);
        Assert.Contains(".NET 10 SDK is needed", old.Error, StringComparison.Ordinal);
        Assert.Contains("8.0.100", old.Error, StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("no dotnet was found", missing.Error, StringComparison.Ordinal);
        Assert.Equal(0, _repository.Builds);
    }

    [Fact]
    public async Task Where_nothing_is_to_build_a_call_costs_less_than_a_tenth_of_a_second()
    {
        await _repository.CallAsync();
        double best = double.MaxValue;
        for (int i = 0; i < 5; i++)
            best = Math.Min(best, await _repository.CostAsync());

        // Processor time, best of five: on a busy machine the clock on the wall measures the others.
        Assert.InRange(best, 0.001, 0.1);
    }
}
