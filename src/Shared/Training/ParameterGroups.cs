using System.Text.RegularExpressions;
using ClusterBench.Configs;

namespace ClusterBench.Training;

/// <summary>A parameter and its place in the flat memory of all parameters.</summary>
/// <param name="Name">Its key in the state dict.</param>
/// <param name="Offset">Index of its first element.</param>
/// <param name="Count">Number of its elements, without padding.</param>
/// <param name="Trained">Whether it has a gradient; a frozen parameter is never stepped.</param>
public readonly record struct FlatParameter(string Name, long Offset, long Count, bool Trained);

/// <summary>What the optimizer uses for one parameter.</summary>
public readonly record struct ParameterOptions(double LearningRate, double WeightDecay, double Momentum);

/// <summary>Neighbouring elements of the flat memory, the padding between parameters included, that share a value.</summary>
public readonly record struct FlatRun(long Start, long Length, double Value);

/// <summary>
/// A run of trained parameters that share learning rate and momentum. Weight decay may vary in it, since that is what varies from
/// tensor to tensor (none on norms and biases).
/// </summary>
public sealed record ParameterGroup(long Start, long Length, double LearningRate, double Momentum, IReadOnlyList<FlatRun> WeightDecay);

/// <summary>
/// The options of every parameter by <c>paramwise_options</c>, as OpenMixup resolves them, and the trained parameters gathered into
/// the longest runs that an optimizer can step as one tensor.
/// </summary>
public sealed class ParameterGroups
{
    private ParameterGroups(IReadOnlyDictionary<string, ParameterOptions> options, IReadOnlyList<ParameterGroup> groups) =>
        (Options, Groups) = (options, groups);

    /// <summary>By the parameter's name. Frozen parameters show the base values, as upstream's do.</summary>
    public IReadOnlyDictionary<string, ParameterOptions> Options { get; }

    /// <summary>In the order of the flat memory; together they cover the trained parameters and no other.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>Resolves the config for a network's parameters.</summary>
    /// <exception cref="UserErrorException">A pattern is not a regular expression, or no parameter is trained.</exception>
    public static ParameterGroups Of(OptimizerConfig config, IEnumerable<FlatParameter> parameters)
    {
        FlatParameter[] ordered = [.. parameters.OrderBy(parameter => parameter.Offset)];
        (Regex Pattern, ParamwiseConfig Option)[] rules = [.. config.Paramwise.Select(option => (Compile(option.Pattern), option))];
        var options = ordered.ToDictionary(parameter => parameter.Name, parameter => Resolve(config, rules, parameter), StringComparer.Ordinal);
        ParameterGroup[] groups = [.. Stretches(ordered, (parameter, before) => Stepped(options[parameter.Name]) == Stepped(options[before.Name]))
            .Select(stretch => Group(stretch, options))];
        return groups.Length > 0 ? new(options, groups) : throw new UserErrorException("No parameter of the network is trained: there is nothing to step.");
    }

    private static (double, double) Stepped(ParameterOptions options) => (options.LearningRate, options.Momentum);

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw new UserErrorException($"optimizer.paramwise_options: '{pattern}' is not a regular expression: {e.Message}", inner: e);
        }
    }

    private static ParameterOptions Resolve(OptimizerConfig config, (Regex Pattern, ParamwiseConfig Option)[] rules, FlatParameter parameter)
    {
        var options = new ParameterOptions(config.LearningRate, config.WeightDecay, config.Momentum);
        if (!parameter.Trained)
        {
            return options;
        }

        foreach (var (_, option) in rules.Where(rule => rule.Pattern.IsMatch(parameter.Name)))
        {
            options = new(
                option.LearningRate ?? (config.LearningRate * option.LearningRateMultiplier) ?? options.LearningRate,
                option.WeightDecay ?? (config.WeightDecay * option.WeightDecayMultiplier) ?? options.WeightDecay,
                option.Momentum ?? options.Momentum);
        }

        return options;
    }

    private static ParameterGroup Group(List<FlatParameter> stretch, Dictionary<string, ParameterOptions> options)
    {
        double Decay(FlatParameter parameter) => options[parameter.Name].WeightDecay;
        var (start, length) = Extent(stretch);
        var shared = options[stretch[0].Name];
        FlatRun[] decay = [.. Stretches(stretch, (parameter, before) => Decay(parameter).Equals(Decay(before)))
            .Select(run => new FlatRun(Extent(run).Start, Extent(run).Length, Decay(run[0])))];
        return new(start, length, shared.LearningRate, shared.Momentum, decay);
    }

    /// <summary>Cuts neighbours apart where a frozen parameter lies between them or they are not alike.</summary>
    private static List<List<FlatParameter>> Stretches(IEnumerable<FlatParameter> ordered, Func<FlatParameter, FlatParameter, bool> alike)
    {
        var stretches = new List<List<FlatParameter>>();
        var open = false;
        foreach (var parameter in ordered)
        {
            if (parameter.Trained && open && alike(parameter, stretches[^1][^1]))
            {
                stretches[^1].Add(parameter);
            }
            else if (parameter.Trained)
            {
                stretches.Add([parameter]);
            }

            open = parameter.Trained;
        }

        return stretches;
    }

    private static (long Start, long Length) Extent(List<FlatParameter> stretch) =>
        (stretch[0].Offset, stretch[^1].Offset + stretch[^1].Count - stretch[0].Offset);
}
