using System.Text.RegularExpressions;

namespace ClusterBench.Configs;

/// <summary>Checks <c>optimizer</c> and <c>optimizer_config</c>: plain SGD, one step per batch.</summary>
internal static class OptimizerSchema
{
    private static readonly string[] Later = ["AdamW", "Adam", "LAMB", "LARS", "RMSprop", "Adagrad", "Adan", "Lion", "SAM"];

    private static readonly string[] LaterConstructors = ["TransformerFinetuneConstructor"];

    /// <summary>Null when something was wrong.</summary>
    public static OptimizerConfig? Read(MapReader root)
    {
        var before = root.Errors.All.Count;
        Steps(root);
        if (root.Map("optimizer", required: true) is not { } optimizer || optimizer.Supported("type", "optimizer", ["SGD"], Later, required: true) is null)
        {
            return null;
        }
        optimizer.Supported("constructor", "optimizer constructor", ["DefaultOptimizerConstructor"], LaterConstructors);
        var config = new OptimizerConfig
        {
            LearningRate = AtLeast0(optimizer, "lr", required: true),
            Momentum = AtLeast0(optimizer, "momentum"),
            WeightDecay = AtLeast0(optimizer, "weight_decay"),
            Dampening = AtLeast0(optimizer, "dampening"),
            Nesterov = optimizer.Bool("nesterov") ?? false,
            Paramwise = optimizer.Map("paramwise_options") is { } options ? Paramwise(options) : [],
        };
        if (config.Nesterov && (config.Momentum == 0 || config.Dampening != 0))
        {
            optimizer.Fail("nesterov", "needs a momentum above 0 and no dampening, as in PyTorch");
        }
        optimizer.Done();
        return root.Errors.All.Count > before ? null : config;
    }

    /// <summary><c>optimizer_config</c>: what happens between a gradient and a step.</summary>
    private static void Steps(MapReader root)
    {
        if (root.Map("optimizer_config") is not { } config)
        {
            return;
        }
        if (config.Int("update_interval", min: 1) is { } interval and not 1)
        {
            config.Fail("update_interval", $"must be 1, is {interval}: gathering the gradients of {interval} batches for one step is not built yet. "
                + $"As many virtual ranks more (--set virtual_ranks=...) give the same total batch");
        }
        config.Absent("grad_clip", "clipping gradients is not built yet");
        config.Done();
    }

    private static double AtLeast0(MapReader map, string key, bool required = false)
    {
        var value = map.Number(key, required) ?? 0;
        if (value < 0)
        {
            map.Fail(key, $"must be at least 0, is {ConfigNumbers.Text(value)}");
        }
        return value;
    }

    /// <summary>The patterns in their order, since later ones overwrite earlier ones.</summary>
    private static List<ParamwiseConfig> Paramwise(MapReader options)
    {
        var result = new List<ParamwiseConfig>();
        foreach (var pattern in options.Keys)
        {
            if (Error(pattern) is { } wrong)
            {
                options.Fail(pattern, $"is not a regular expression: {wrong}");
            }
            if (options.Map(pattern) is { } option)
            {
                result.Add(Option(pattern, option));
            }
        }
        return result;
    }

    private static ParamwiseConfig Option(string pattern, MapReader option)
    {
        double? Value(string key) => option.Take(key) is null ? null : AtLeast0(option, key);
        if (option.Take("decay_mult") is not null && option.Take("weight_decay_mult") is not null)
        {
            option.Fail("weight_decay_mult", "is another name of decay_mult; keep one");
        }
        var config = new ParamwiseConfig(
            pattern, Value("lr_mult"), Value("decay_mult") ?? Value("weight_decay_mult"), Value("weight_decay"), Value("lr"), Value("momentum"));
        if (config is { LearningRate: not null, LearningRateMultiplier: not null })
        {
            option.Fail("lr_mult", "multiplies the base rate, but lr replaces it; keep one");
        }
        if (config is { WeightDecay: not null, WeightDecayMultiplier: not null })
        {
            option.Fail("weight_decay", "replaces the base weight decay, but a multiplier stands beside it; keep one");
        }
        option.Done();
        return config;
    }

    private static string? Error(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
