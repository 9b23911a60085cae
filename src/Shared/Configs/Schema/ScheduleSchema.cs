namespace ClusterBench.Configs;

/// <summary>Checks <c>lr_config</c>: mmcv's policies and warm-ups, and OpenMixup's StepFixCosineAnnealing.</summary>
internal static class ScheduleSchema
{
    private static readonly string[] Later = ["Exp", "exp", "Inv", "inv", "CosineRestart", "FlatCosineAnnealing", "Cyclic", "cyclic", "OneCycle"];

    /// <summary>mmcv capitalises a policy that is written in small letters.</summary>
    private static readonly Dictionary<string, string> Policies = new(StringComparer.Ordinal)
    {
        ["step"] = "Step", ["Step"] = "Step", ["CosineAnnealing"] = "CosineAnnealing", ["StepFixCosineAnnealing"] = "StepFixCosineAnnealing",
        ["poly"] = "Poly", ["Poly"] = "Poly", ["fixed"] = "Fixed", ["Fixed"] = "Fixed",
    };

    /// <summary>Null when something was wrong.</summary>
    public static ScheduleConfig? Read(MapReader root)
    {
        var before = root.Errors.All.Count;
        if (root.Map("lr_config", required: true) is not { } map || map.Supported("policy", "policy", [.. Policies.Keys], Later, required: true) is not { } name)
        {
            return null;
        }
        var policy = Policies[name];
        var schedule = Own(map, policy) with { ByEpoch = map.Bool("by_epoch") ?? true };
        schedule = Warmup(map, schedule);
        map.Done();
        return root.Errors.All.Count > before ? null : schedule;
    }

    private static ScheduleConfig Own(MapReader map, string policy)
    {
        var schedule = new ScheduleConfig { Policy = policy };
        switch (policy)
        {
            case "Step":
                return Steps(map, schedule) with { Gamma = Gamma(map), MinRate = Lowest(map, "min_lr") };
            case "CosineAnnealing" or "StepFixCosineAnnealing":
                var (rate, ratio) = (Lowest(map, "min_lr"), Lowest(map, "min_lr_ratio"));
                if (rate is null == ratio is null)
                {
                    map.Errors.Add(map.At, map.Key("min_lr"), rate is null
                        ? "is missing: where does the rate end? Give min_lr (0 for nothing) or min_lr_ratio" : "and min_lr_ratio both say where the rate ends; keep one");
                }
                return schedule with { MinRate = rate, MinRatio = ratio };
            case "Poly":
                var power = map.Take("power") is null ? 1 : map.Number("power") ?? 1;
                if (power <= 0)
                {
                    map.Fail("power", $"must be above 0, is {ConfigNumbers.Text(power)}");
                }
                return schedule with { Power = power, MinRate = Lowest(map, "min_lr") ?? 0 };
            default:
                return schedule;
        }
    }

    private static ScheduleConfig Steps(MapReader map, ScheduleConfig schedule)
    {
        if (map.Take("step") is not ConfigList)
        {
            return map.Int("step", min: 1, required: true) is { } every ? schedule with { Steps = [every], StepRepeats = true } : schedule;
        }
        var steps = map.Ints("step", min: 1);
        if (steps is { Count: 0 })
        {
            map.Fail("step", "is empty; the policy 'fixed' keeps the rate");
        }
        if (steps is not null && steps.Zip(steps.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            map.Fail("step", $"must rise, is [{string.Join(", ", steps)}]");
        }
        return schedule with { Steps = steps ?? [] };
    }

    private static double Gamma(MapReader map)
    {
        var gamma = map.Take("gamma") is null ? 0.1 : map.Number("gamma") ?? 0.1;
        if (gamma <= 0)
        {
            map.Fail("gamma", $"must be above 0, is {ConfigNumbers.Text(gamma)}: the rate is multiplied by it");
        }
        return gamma;
    }

    private static double? Lowest(MapReader map, string key)
    {
        if (map.Take(key) is null)
        {
            return null;
        }
        var value = map.Number(key);
        if (value < 0)
        {
            map.Fail(key, $"must be at least 0, is {ConfigNumbers.Text(value.Value)}");
        }
        return value;
    }

    private static ScheduleConfig Warmup(MapReader map, ScheduleConfig schedule)
    {
        var kind = map.Name("warmup", ["constant", "linear", "exp"], "warm-up");
        var length = map.Int("warmup_iters", min: 0, required: kind is not null);
        var ratio = map.Take("warmup_ratio") is null ? 0.1 : map.Number("warmup_ratio") ?? 0.1;
        var byEpoch = map.Bool("warmup_by_epoch") ?? false;
        if (kind is null)
        {
            return schedule;
        }
        if (length == 0)
        {
            map.Fail("warmup_iters", "must be at least 1; leave warmup out for none");
        }
        if (ratio is <= 0 or > 1)
        {
            map.Fail("warmup_ratio", $"must be above 0 and at most 1, is {ConfigNumbers.Text(ratio)}: the share of the rate that training begins with");
        }
        return schedule with { Warmup = kind, WarmupLength = length ?? 1, WarmupRatio = ratio, WarmupByEpoch = byEpoch };
    }
}
