namespace ClusterBench.Configs;

/// <summary>
/// Decides which of the two configs a <c>--set</c> changes. The first part of its path says it: <c>model.backbone</c>,
/// <c>downstream</c> and <c>work_dir</c> are the self-supervised config's, the keys of a dataset config the dataset config's. The
/// pretraining's own <c>data</c> or <c>optimizer</c> change no benchmark, so setting them is a mistake.
/// </summary>
internal static class SetRouting
{
    public static (IReadOnlyList<ConfigSet> Selfsup, IReadOnlyList<ConfigSet> Dataset) Route(IReadOnlyList<ConfigSet> sets, ConfigErrors errors)
    {
        var selfsup = new List<ConfigSet>();
        var dataset = new List<ConfigSet>();
        foreach (var set in sets)
        {
            var first = set.Keys[0];
            if (first == "model" && set.Keys.Count > 1 && set.Keys[1] != "backbone")
            {
                errors.AddUnknown(ConfigPosition.Of(ConfigSet.Source), set.Path, "only model.backbone has an effect on this benchmark", set.Keys[1], ["backbone"]);
            }
            else if (SelfsupSchema.Keys.Contains(first, StringComparer.Ordinal))
            {
                selfsup.Add(set);
            }
            else if (DatasetSchema.Keys.Contains(first, StringComparer.Ordinal))
            {
                dataset.Add(set);
            }
            else
            {
                errors.AddUnknown(ConfigPosition.Of(ConfigSet.Source), set.Path,
                    "no such key in the self-supervised config or in the dataset config", first, [.. SelfsupSchema.Keys, .. DatasetSchema.Keys]);
            }
        }
        return (selfsup, dataset);
    }
}
