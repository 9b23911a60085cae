using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class LearningRateScheduleTests
{
    public static TheoryData<string> Cases
    {
        get
        {
            using var document = Parse();
            return [.. document.RootElement.GetProperty("cases").EnumerateObject().Select(entry => entry.Name)];
        }
    }

    [Fact]
    public void All_cases_of_the_reference_are_there() => Assert.Equal(20, Cases.Count);

    [Theory, MemberData(nameof(Cases))]
    public void Rates_equal_mmcvs_to_the_last_bit(string name)
    {
        using var document = Parse();
        var entry = document.RootElement.GetProperty("cases").GetProperty(name);
        var baseRates = entry.GetProperty("base_lrs").EnumerateArray().Select(rate => rate.GetDouble()).ToArray();
        var schedule = new LearningRateSchedule(Config(entry.GetProperty("lr_config")),
            entry.GetProperty("max_epochs").GetInt32(), entry.GetProperty("iterations_per_epoch").GetInt32());

        var expected = entry.GetProperty("lr").EnumerateArray().Select(rates => rates.EnumerateArray().Select(rate => rate.GetDouble()).ToArray()).ToArray();

        Assert.NotEmpty(expected);
        Assert.All(expected.Index(), step =>
            Assert.Equal(step.Item.Select(BitConverter.DoubleToInt64Bits), baseRates.Select(rate => BitConverter.DoubleToInt64Bits(schedule.RateAt(step.Index, rate)))));
    }

    public static TheoryData<ScheduleConfig, string> BadConfigs => new()
    {
        { new() { Policy = "Cyclic" }, "Cyclic" },
        { new() { Policy = "Fixed", Warmup = "cubic", WarmupLength = 1 }, "cubic" },
        { new() { Policy = "Fixed", Warmup = "linear" }, "warmup_iters" },
        { new() { Policy = "Step" }, "step" },
        { new() { Policy = "Step", Steps = [0], StepRepeats = true }, "step" },
        { new() { Policy = "StepFixCosineAnnealing", ByEpoch = false, Warmup = "linear", WarmupLength = 50 }, "warmup_iters" },
    };

    [Theory, MemberData(nameof(BadConfigs))]
    public void A_schedule_that_makes_no_sense_is_refused(ScheduleConfig config, string named) =>
        Assert.Contains(named, Assert.Throws<UserErrorException>(() => new LearningRateSchedule(config, 10, 5)).Message, StringComparison.Ordinal);

    private static JsonDocument Parse() => JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("schedules", "schedules.json")));

    private static ScheduleConfig Config(JsonElement text)
    {
        T? Value<T>(string key, Func<JsonElement, T> read) where T : struct => text.TryGetProperty(key, out var value) ? read(value) : null;
        double? Number(string key) => Value(key, value => value.GetDouble());
        bool? Flag(string key) => Value(key, value => value.GetBoolean());
        var policy = text.GetProperty("policy").GetString()!;
        var step = text.TryGetProperty("step", out var steps) ? steps : default;
        return new ScheduleConfig
        {
            Policy = char.ToUpperInvariant(policy[0]) + policy[1..],
            ByEpoch = Flag("by_epoch") ?? true,
            Steps = step.ValueKind switch
            {
                JsonValueKind.Array => [.. step.EnumerateArray().Select(value => value.GetInt32())],
                JsonValueKind.Number => [step.GetInt32()],
                _ => [],
            },
            StepRepeats = step.ValueKind == JsonValueKind.Number,
            Gamma = Number("gamma") ?? 0.1,
            MinRate = Number("min_lr"),
            MinRatio = Number("min_lr_ratio"),
            Power = Number("power") ?? 1,
            Warmup = text.TryGetProperty("warmup", out var warmup) ? warmup.GetString() : null,
            WarmupLength = (int)(Number("warmup_iters") ?? 0),
            WarmupRatio = Number("warmup_ratio") ?? 0.1,
            WarmupByEpoch = Flag("warmup_by_epoch") ?? false,
        };
    }
}
