using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Calls;

public sealed class OptionTableTests
{
    private const string Shared = "--workers --threads --device --cluster --work-dir --state-dir --data-root --seed --set --allow-partial --dry-run --fresh --detach --json";
    private const string Run = Shared + " --pretrained --epoch --selfsup-work-dir --dataset-config --no-cache";

    public static TheoryData<string, string, string> Table => new()
    {
        { "demo", "", "--workers --json" },
        { "extract-backbone", "CHECKPOINT MODEL_FILE", "" },
        { "linear", "CONFIG PRETRAIN", Shared + " --checkpoint-interval" },
        { "finetune", "CONFIG PRETRAIN", Shared + " --checkpoint-interval" },
        { "knn", "SELFSUP_CONFIG", Run + " --k --temperature" },
        { "features", "SELFSUP_CONFIG", Run + " --out --features --split" },
        { "runs", "", "--cluster --state-dir --json" },
        { "status", "RUN", "--cluster --state-dir --json" },
        { "logs", "RUN", "--follow --cluster --state-dir --json" },
        { "cancel", "RUN", "--cluster --state-dir --json" },
        { "resume", "RUN", "--workers --detach --accept-hardware --cluster --state-dir --json" },
        { "report", "RUN", "--cluster --state-dir --json" },
        { "workers", "", "--cluster --state-dir --json" },
        { "coordinator", "", "--host --port --api-port --journal --state-dir --hocon" },
        { "worker", "", "--join --host --port --data-port --device --work-root --cores --slot --hocon" },
        { "config show", "CONFIG", "--format --raw --set" },
        { "model show", "CONFIG", "--format --set" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_verb_has_exactly_the_arguments_and_options_of_the_design(string path, string arguments, string options)
    {
        Verb verb = Tree.Verbs().Single(one => HelpPage.PathOf(one) == "clusterbench " + path);

        Assert.Equal(arguments, string.Join(' ', verb.Arguments.Select(argument => argument.Name)));
        Assert.Equal(options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), verb.Options.Select(option => option.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_names_every_verb() =>
        Assert.Equal(Table.Select(row => "clusterbench " + row.Data.Item1).Order(StringComparer.Ordinal), Tree.Verbs().Select(HelpPage.PathOf).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_option_has_a_variable_of_its_name_and_a_description()
    {
        Option[] options = [.. Tree.Verbs().SelectMany(verb => verb.Options)];

        Assert.NotEmpty(options);
        Assert.All(options, option =>
        {
            var setting = Assert.IsAssignableFrom<ISetting>(option);
            Assert.Equal("CLUSTERBENCH_" + option.Name[2..].Replace('-', '_').ToUpperInvariant(), setting.Variables[0]);
            Assert.False(string.IsNullOrWhiteSpace(option.Description));
        });
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_the_environment_over_the_default()
    {
        using var cli = new CliHarness();
        string[] call = ["knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--dry-run"];

        await cli.RunAsync(call);
        Assert.Equal(0, cli.Configs.LastRequest!.Seed);
        cli.Environment["CLUSTERBENCH_SEED"] = "7";
        await cli.RunAsync(call);
        Assert.Equal(7, cli.Configs.LastRequest!.Seed);
        await cli.RunAsync([.. call, "--seed", "9"]);
        Assert.Equal(9, cli.Configs.LastRequest!.Seed);
    }

    [Fact]
    public async Task Lists_and_flags_can_come_from_the_environment()
    {
        using var cli = new CliHarness();
        cli.Environment["CLUSTERBENCH_SET"] = "data.imgs_per_gpu=4; model.backbone.depth=34";
        cli.Environment["CLUSTERBENCH_DRY_RUN"] = "yes";
        cli.Environment["CLUSTERBENCH_PRETRAINED"] = "checkpoint.pth";
        cli.Environment["CLUSTERBENCH_K"] = "5,6 7";

        CallResult result = await cli.RunAsync("knn", "configs/selfsup.yaml");

        Assert.Equal(0, result.Status);
        Assert.Equal(["data.imgs_per_gpu=4", "model.backbone.depth=34"], cli.Configs.LastRequest!.Set);
        Assert.Equal([5, 6, 7], cli.Configs.LastRequest.K!);
        Assert.Empty(cli.Embedded.Started);
    }

    [Theory]
    [InlineData("CLUSTERBENCH_WORKERS", "many", "CLUSTERBENCH_WORKERS: 'many' is not a whole number from 1 to 1024")]
    [InlineData("CLUSTERBENCH_GPUS", "0", "CLUSTERBENCH_GPUS: '0' is not a whole number from 1 to 1024")]
    [InlineData("CLUSTERBENCH_JSON", "maybe", "CLUSTERBENCH_JSON: 'maybe' is neither true nor false")]
    [InlineData("CLUSTERBENCH_DEVICE", "gpu", "CLUSTERBENCH_DEVICE: 'gpu' is not one of auto, cpu, cuda, cuda:N; did you mean 'cpu'?")]
    [InlineData("CLUSTERBENCH_CLUSTER", "head:8080", "CLUSTERBENCH_CLUSTER: 'head:8080' is not a URL like http://host:8080")]
    [InlineData("CLUSTERBENCH_SET", "depth", "CLUSTERBENCH_SET: 'depth' is not of the form key.path=value")]
    [InlineData("CLUSTERBENCH_TEMPERATURE", "-1", "CLUSTERBENCH_TEMPERATURE: '-1' is not a number above 0")]
    [InlineData("CLUSTERBENCH_K", "10 x", "CLUSTERBENCH_K: 'x' is not a whole number of at least 1")]
    public async Task A_bad_value_in_a_variable_is_an_error_that_names_the_variable(string variable, string value, string error)
    {
        using var cli = new CliHarness();
        cli.Environment[variable] = value;

        CallResult result = await cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--dry-run");

        Assert.Equal(2, result.Status);
        Assert.Contains("error: " + error + "\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Fact]
    public async Task Gpus_is_another_name_of_workers()
    {
        using var cli = new CliHarness();

        await cli.RunAsync("knn", "configs/selfsup.yaml", "--pretrained", "checkpoint.pth", "--gpus", "3");

        Assert.Equal(3, Assert.Single(cli.Embedded.Started).Workers);
    }
}
