using System.Text.Json;
using ClusterBench.GpuWorker.Models;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Models;

/// <summary>Every residual network computes what the original Python code computes from the same weights and input.</summary>
public sealed class ResNetParityTests
{
    // float32 against float64 differs by up to 9e-7 in the reference itself (its checks.json).
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Names =>
        new("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet50_in2", "resnet50_caffe_style", "resnet18_cifar", "resnet50_cifar");

    [Theory, MemberData(nameof(Names))]
    public void State_dict_is_that_of_PyTorch(string name)
    {
        var entry = ModelFixture.Model(name);
        var expected = entry.GetProperty("state_dict").EnumerateArray()
            .Select(tensor => (tensor[0].GetString()!, string.Join(",", tensor[1].EnumerateArray()), tensor[2].GetString()!));
        var summary = ModelSummary.Of(ModelFixture.Config(entry));
        Assert.Equal(expected, summary.Select(tensor => (tensor.Name, string.Join(",", tensor.Shape), tensor.DType)));
        Assert.Equal(entry.GetProperty("params").GetInt64(), summary.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.Count));
    }

    [Theory, MemberData(nameof(Names))]
    public void Outputs_are_those_of_PyTorch_with_batch_norm_and_folded(string name)
    {
        var entry = ModelFixture.Model(name);
        var config = ModelFixture.Config(entry);
        using var scope = NewDisposeScope();
        using var off = inference_mode();
        using var weights = ModelFixture.Filled(config);
        using var replica = new ModelReplica(weights);
        using var plain = new ResNet(replica, config);
        using var folded = plain.Fold();
        using var input = ModelFixture.Input(entry);
        var worst = new[] { Check(plain, input, entry), Check(folded, input, entry) };
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: relative difference {worst[0]:E1} with batch norm, {worst[1]:E1} folded");
        Assert.All(worst, difference => Assert.InRange(difference, 0, Tolerance));
    }

    /// <returns>The largest relative difference over all outputs.</returns>
    private static double Check(ResNet network, Tensor input, JsonElement entry)
    {
        var outputs = entry.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, StringComparer.Ordinal);
        double worst = 0;
        var seen = 0;
        network.Forward(input, ResNet.FeatureCount - 1, (index, map) =>
        {
            // The CIFAR form's reference has no tap behind its stem.
            if (outputs.TryGetValue(index == 0 ? "stem_before_maxpool" : $"out[{index - 1}]", out var expected))
            {
                worst = Math.Max(worst, Difference(map, expected));
                seen++;
            }
        }).Dispose();
        Assert.Equal(outputs.Keys.Count(key => key != "input_of_layer1"), seen);
        return worst;
    }

    private static double Difference(Tensor map, JsonElement expected)
    {
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), map.shape);
        var scale = expected.GetProperty("absmax").GetDouble();
        var values = ModelFixture.Values(map);
        using var pooled = map.mean([2, 3]);
        var means = ModelFixture.Values(pooled);
        var mean = values.Average(value => (double)value);
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        List<double> differences =
        [
            ModelFixture.Relative(values.AsSpan(0, 8), ModelFixture.Floats(expected.GetProperty("first8")), scale),
            ModelFixture.Relative(values.AsSpan(values.Length - 8), ModelFixture.Floats(expected.GetProperty("last8")), scale),
            Math.Abs(values.Max(Math.Abs) - scale) / scale,
            Math.Abs(mean - expected.GetProperty("mean").GetDouble()) / scale,
            Math.Abs(deviation - expected.GetProperty("std").GetDouble()) / scale,
            ModelFixture.Relative(means.AsSpan(0, Math.Min(32, means.Length)), ModelFixture.Floats(expected.GetProperty("pooled_first32"))),
        ];
        if (expected.TryGetProperty("pooled", out var all))
            differences.Add(ModelFixture.Relative(means, ModelFixture.Floats(all)));
        return differences.Max();
    }
}
