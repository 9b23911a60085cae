using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class ParameterGroupsTests
{
    public static TheoryData<string> Configs
    {
        get
        {
            using var document = Parse();
            return [.. document.RootElement.GetProperty("per_parameter").EnumerateObject().Select(entry => entry.Name)];
        }
    }

    /// <summary>Upstream's groups for networks and configs of OpenMixup; of LAMB (RSB A3) only what it shares with SGD.</summary>
    [Theory, MemberData(nameof(Configs))]
    public void Every_parameter_gets_the_rate_and_decay_that_OpenMixup_gives_it(string name)
    {
        using var document = Parse();
        var entry = document.RootElement.GetProperty("per_parameter").GetProperty(name);
        var rows = entry.GetProperty("parameters").EnumerateArray().ToArray();
        var groups = ParameterGroups.Of(Optimizer(entry.GetProperty("optimizer")), rows.Index().Select(row =>
            new FlatParameter(row.Item[0].GetString()!, row.Index * 16, 5, row.Item[3].GetBoolean())));

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var options = groups.Options[row[0].GetString()!];
            Assert.Equal((row[1].GetDouble(), row[2].GetDouble()), (options.LearningRate, options.WeightDecay));
        });
        var covered = groups.Groups.SelectMany(group => group.WeightDecay).SelectMany(run => Enumerable.Range((int)run.Start, (int)run.Length)).ToHashSet();
        Assert.All(rows.Index(), row => Assert.All(Enumerable.Range(row.Index * 16, 5), place => Assert.Equal(row.Item[3].GetBoolean(), covered.Contains(place))));
    }

    [Fact]
    public void Norms_without_decay_do_not_cut_a_network_into_pieces()
    {
        var config = new OptimizerConfig { LearningRate = 0.1, WeightDecay = 1e-4, Momentum = 0.9, Paramwise = [new(@"(bn|ln|gn)(\d+)?.(weight|bias)", WeightDecay: 0), new(@"\Ahead.", LearningRateMultiplier: 10)] };
        var groups = ParameterGroups.Of(config, Network("conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "head.fc.weight", "head.fc.bias"));

        Assert.Equal([(0, 53, 0.1), (64, 21, 1.0)], groups.Groups.Select(group => ((int)group.Start, (int)group.Length, group.LearningRate)));
        Assert.Equal([new(0, 5, 1e-4), new(16, 21, 0), new(48, 5, 1e-4)], groups.Groups[0].WeightDecay);
        Assert.Equal([new(64, 21, 1e-4)], groups.Groups[1].WeightDecay);
    }

    [Fact]
    public void Later_patterns_overwrite_only_what_they_name()
    {
        var config = new OptimizerConfig
        {
            LearningRate = 0.1,
            WeightDecay = 1e-4,
            Momentum = 0.9,
            Paramwise = [new("head", LearningRate: 3, WeightDecayMultiplier: 2), new("fc", LearningRateMultiplier: 10, Momentum: 0), new("bias", WeightDecay: 0)],
        };
        var options = ParameterGroups.Of(config, Network("body.weight", "head.fc.weight", "head.fc.bias")).Options;

        Assert.Equal(new ParameterOptions(0.1, 1e-4, 0.9), options["body.weight"]);
        Assert.Equal(new ParameterOptions(1.0, 2e-4, 0), options["head.fc.weight"]);
        Assert.Equal(new ParameterOptions(1.0, 0, 0), options["head.fc.bias"]);
    }

    [Fact]
    public void Frozen_parameters_lie_in_no_group_and_part_those_around_them()
    {
        FlatParameter[] parameters = [new("a", 0, 16, true), new("b", 16, 3, false), new("c", 32, 7, true)];
        var groups = ParameterGroups.Of(new() { LearningRate = 1 }, parameters).Groups;

        Assert.Equal([(0, 16), (32, 7)], groups.Select(group => ((int)group.Start, (int)group.Length)));
    }

    [Fact]
    public void A_pattern_that_is_no_regular_expression_is_named()
    {
        var config = new OptimizerConfig { LearningRate = 1, Paramwise = [new("(bn", WeightDecay: 0)] };

        Assert.Contains("'(bn'", Assert.Throws<UserErrorException>(() => ParameterGroups.Of(config, Network("bn.weight"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_is_wholly_frozen_is_refused() =>
        Assert.Throws<UserErrorException>(() => ParameterGroups.Of(new() { LearningRate = 1 }, [new("a", 0, 16, false)]));

    private static IEnumerable<FlatParameter> Network(params string[] names) => names.Index().Select(name => new FlatParameter(name.Item, name.Index * 16, 5, true));

    private static JsonDocument Parse() => JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("optim", "sgd.json")));

    private static OptimizerConfig Optimizer(JsonElement text) => new()
    {
        LearningRate = text.GetProperty("lr").GetDouble(),
        WeightDecay = text.GetProperty("weight_decay").GetDouble(),
        Paramwise = !text.TryGetProperty("paramwise_options", out var options) ? [] : [.. options.EnumerateObject().Select(option => new ParamwiseConfig(
            option.Name,
            option.Value.TryGetProperty("lr_mult", out var factor) ? factor.GetDouble() : null,
            WeightDecay: option.Value.TryGetProperty("weight_decay", out var decay) ? decay.GetDouble() : null))],
    };
}
