using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Calls;

public sealed class WrongCallTests
{
    [Theory]
    [InlineData("knm", "unknown verb 'knm'; did you mean 'knn'?")]
    [InlineData("pretrain x y", "unknown verb 'pretrain'")]
    [InlineData("config shw x", "unknown config verb 'shw'; did you mean 'show'?")]
    [InlineData("config", "'config' needs one of: show")]
    [InlineData("knn --wrokers 2 x --epoch 1", "unknown option '--wrokers'; did you mean '--workers'?")]
    [InlineData("knn --launcher slurm x --epoch 1", "unknown option '--launcher'")]
    [InlineData("knn --bogus --pretrained checkpoint.pth", "unknown option '--bogus'")]
    [InlineData("knn", "SELFSUP_CONFIG is missing")]
    [InlineData("status", "RUN is missing")]
    [InlineData("extract-backbone a", "MODEL_FILE is missing")]
    [InlineData("extract-backbone a ./a", "MODEL_FILE is the CHECKPOINT itself; give another name")]
    [InlineData("status a b", "unexpected 'b': status takes RUN and options")]
    [InlineData("runs a", "unexpected 'a': runs takes options only")]
    [InlineData("knn x --workers", "--workers needs a value: --workers N")]
    [InlineData("knn x --epoch 1 --seed 1 --seed 2", "--seed is given 2 times; it takes one value")]
    [InlineData("knn x --epoch 1 --workers 0", "--workers: '0' is not a whole number from 1 to 1024")]
    [InlineData("knn x", "which checkpoint? Give --pretrained FILE, or --epoch N of the self-supervised run")]
    [InlineData("knn x --epoch 1 --pretrained y", "--pretrained and --epoch both name a checkpoint; give one of them")]
    [InlineData("knn x --pretrained y --selfsup-work-dir z", "--selfsup-work-dir says where --epoch N looks; with --pretrained it means nothing")]
    [InlineData("knn x --epoch 1 --detach", "--detach needs --cluster URL: an embedded cluster ends with this call")]
    [InlineData("knn x --epoch 1 --cluster http://h:1 --state-dir s", "--cluster names a running cluster and --state-dir an embedded one; give one of them")]
    [InlineData("knn x --epoch 1 --cluster http://h:1 --workers 2", "--workers belongs to an embedded cluster; with --cluster the run takes the workers that are there")]
    [InlineData("features x --epoch 1", "--out DIR is missing (or CLUSTERBENCH_OUT in the environment)")]
    [InlineData("features x --epoch 1 --out o --split test", "--split: 'test' is not one of train, val")]
    [InlineData("coordinator --journal postgres:x", "--journal: 'postgres:x' is not of the form sqlite:FILE")]
    [InlineData("coordinator --api-port 70000", "--api-port: '70000' is not a whole number from 0 to 65535")]
    [InlineData("worker", "--join URL[,URL] is missing (or CLUSTERBENCH_JOIN in the environment)")]
    [InlineData("worker --join host:8080", "--join: 'host:8080' is not a URL like http://host:8080")]
    [InlineData("model show x --format xml", "--format: 'xml' is not one of text, json")]
    public async Task A_wrong_call_says_what_is_wrong_on_standard_error_and_ends_with_2(string words, string error)
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync(words.Split(' '));

        Assert.Equal(2, result.Status);
        Assert.Contains($"error: {error}\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("--help' shows how it is called.", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
        Assert.Empty(cli.Embedded.Started);
    }

    [Fact]
    public async Task All_errors_of_a_call_are_said_at_once()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync("knn", "x", "--workers", "0", "--k", "10 b", "--device", "gpu");

        Assert.Equal(4, result.Error.Split('\n').Count(line => line.StartsWith("error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_call_without_a_verb_shows_the_first_page_on_standard_error()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync();

        Assert.Equal(2, result.Status);
        Assert.Contains("clusterbench demo", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Fact]
    public async Task A_word_with_an_at_sign_is_a_value_and_not_a_file_of_words()
    {
        using var cli = new CliHarness();

        CallResult result = await cli.RunAsync("status", "@nothing");

        Assert.Equal(2, result.Status);
        Assert.Contains("there are no runs in work_dirs/.clusterbench.", result.Error, StringComparison.Ordinal);
    }
}
