using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Models;
using ClusterBench.Tests.Numerics;
using ClusterBench.Training;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

/// <summary>A case of optim/sgd.json: a network of five parameters, gradients by formula, and torch's weights after some steps.</summary>
internal sealed class SgdTrajectory
{
    private static readonly JsonElement Root = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("optim", "sgd.json"))).RootElement;

    private readonly JsonElement _entry;
    private readonly ParameterLayout _layout;

    public SgdTrajectory(string name)
    {
        _entry = Root.GetProperty("trajectories").GetProperty(name);
        Config = Read(_entry.GetProperty("config"));
        var recorder = new LayoutRecorder();
        foreach (var parameter in Root.GetProperty("parameters").EnumerateArray())
            recorder.Param(parameter.GetProperty("name").GetString()!, [.. parameter.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())]);
        _layout = recorder.Layout;
    }

    public static IEnumerable<string> Names => Root.GetProperty("trajectories").EnumerateObject().Select(entry => entry.Name);

    public OptimizerConfig Config { get; }

    public ModelWeights Weights()
    {
        var weights = new ModelWeights(_layout);
        foreach (var (entry, values) in _layout.Entries.Zip(Root.GetProperty("initial_values").EnumerateArray()))
            ModelFixture.Floats(values).CopyTo(weights.Floats(entry));
        return weights;
    }

    public FlatSgd Optimizer(ModelWeights weights, Func<string, bool>? trained = null, OptimizerConfig? config = null) =>
        new(weights.Parameters, ParameterGroups.Of(config ?? Config, _layout.FlatParameters(trained ?? (_ => true))), config ?? Config);

    public void Step(FlatSgd sgd, int step)
    {
        using var gradient = zeros(_layout.ParameterLength);
        foreach (var entry in _layout.Entries)
            Formula.Fill(gradient.Floats().Slice((int)entry.Offset, (int)entry.Count), $"grad.{step}.{entry.Name}", Number("grad_scale")!.Value);
        if (_entry.GetProperty("clip") is { ValueKind: JsonValueKind.Object } clip)
            Clip(gradient.Floats(), clip.GetProperty("max_norm").GetDouble());
        var decay = Math.Pow(Number("lr_decay_per_step") ?? 1, step);
        sgd.Step(gradient, rate => rate * decay);
    }

    /// <summary>torch's weights after that step; nothing where they are not stored.</summary>
    public IEnumerable<(LayoutEntry Entry, float[] Values)> Expected(int step)
    {
        var place = Root.GetProperty("stored_steps").EnumerateArray().Select(stored => stored.GetInt32()).ToList().IndexOf(step);
        return place < 0 ? [] : _layout.Entries.Zip(_entry.GetProperty("steps")[place].EnumerateArray(), (entry, values) => (entry, ModelFixture.Floats(values)));
    }

    /// <summary>The gradients' scaling before the step, which is not the optimizer's: min(1, max / (norm + 1e-6)).</summary>
    private static void Clip(Span<float> gradient, double maximum)
    {
        var sum = 0.0;
        foreach (var value in gradient)
            sum += (double)value * value;
        var factor = (float)Math.Min(1, maximum / (Math.Sqrt(sum) + 1e-6));
        foreach (ref var value in gradient)
            value *= factor;
    }

    private double? Number(string key) => _entry.GetProperty(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    private static OptimizerConfig Read(JsonElement config)
    {
        double? Value(JsonElement map, string key) => map.TryGetProperty(key, out var value) ? value.GetDouble() : null;
        return new OptimizerConfig
        {
            LearningRate = Value(config, "lr")!.Value,
            Momentum = Value(config, "momentum") ?? 0,
            WeightDecay = Value(config, "weight_decay") ?? 0,
            Dampening = Value(config, "dampening") ?? 0,
            Nesterov = config.TryGetProperty("nesterov", out var nesterov) && nesterov.GetBoolean(),
            Paramwise = !config.TryGetProperty("paramwise_options", out var options) ? [] : [.. options.EnumerateObject().Select(option => new ParamwiseConfig(
                option.Name, Value(option.Value, "lr_mult"), WeightDecay: Value(option.Value, "weight_decay"), Momentum: Value(option.Value, "momentum")))],
        };
    }
}
