namespace ClusterBench.Configs;

/// <summary>Turns the paths of a dataset config into the absolute paths that workers open.</summary>
/// <param name="dataRoot"><c>--data-root</c>, or null.</param>
internal sealed class DataLocations(string? dataRoot, string programRoot)
{
    private const string Leading = "data/";
    private bool _replaced;

    public DatasetConfig Place(DatasetConfig dataset) => dataset with
    {
        Source = dataset.Source with { ListFile = Place(dataset.Source.ListFile), Root = Place(dataset.Source.Root) },
    };

    /// <summary>A data root that took no effect is said, since the user expects other data.</summary>
    public IEnumerable<string> Notes(IEnumerable<DatasetConfig> data) => dataRoot is not null && !_replaced
        ? [$"--data-root {dataRoot} changes nothing: no path of the dataset config begins with '{Leading}' ({data.First().Source.ListFile})"]
        : [];

    private string Place(string path)
    {
        if (dataRoot is not null && path.StartsWith(Leading, StringComparison.Ordinal))
        {
            _replaced = true;
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(dataRoot, path[Leading.Length..])));
        }
        return Path.TrimEndingDirectorySeparator(ConfigPaths.Data(path, programRoot));
    }
}
