namespace ClusterBench.Configs;

/// <summary>Checks the parameters of the nearest-neighbour benchmark, from a config or from options.</summary>
internal static class KnnSchema
{
    /// <summary>Upstream's.</summary>
    public static readonly IReadOnlyList<int> DefaultK = [10, 20, 100, 200];

    public const double DefaultTemperature = 0.07;

    public static IReadOnlyList<int>? K(MapReader knn)
    {
        var k = knn.Ints("k", min: 1);
        if (k is not null)
        {
            CheckK(k, knn.Place("k"), knn.Key("k"), knn.Errors);
        }
        return k;
    }

    public static double? Temperature(MapReader knn)
    {
        var temperature = knn.Number("temperature");
        if (temperature is { } t)
        {
            CheckTemperature(t, knn.Place("temperature"), knn.Key("temperature"), knn.Errors);
        }
        return temperature;
    }

    /// <summary>Positive, each once, at least one.</summary>
    public static void CheckK(IReadOnlyList<int> k, ConfigPosition at, string path, ConfigErrors errors)
    {
        if (k.Count == 0)
        {
            errors.Add(at, path, "is empty; give at least one number of neighbours, e.g. 20");
        }
        foreach (var value in k.Where(v => v < 1))
        {
            errors.Add(at, path, $"must be at least 1, is {value}");
        }
        foreach (var twice in k.GroupBy(v => v).Where(g => g.Count() > 1))
        {
            errors.Add(at, path, $"holds {twice.Key} more than once; keep one");
        }
    }

    public static void CheckTemperature(double temperature, ConfigPosition at, string path, ConfigErrors errors)
    {
        if (!double.IsFinite(temperature) || temperature <= 0)
        {
            errors.Add(at, path, $"must be above 0, is {ConfigNumbers.Text(temperature)}: similarities are divided by it");
        }
    }
}
