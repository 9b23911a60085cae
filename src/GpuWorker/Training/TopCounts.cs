namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// How many rows of logits have their label first, and among the first five. Of equal logits the lower class index comes first.
/// </summary>
internal readonly record struct TopCounts(int Top1, int Top5)
{
    private const int Five = 5;

    /// <param name="logits">Rows x classes, row-major.</param>
    /// <param name="labels">One for each row that counts; further rows are padding.</param>
    /// <returns>The counts; null when a logit is NaN, which has no place in an order.</returns>
    public static TopCounts? Of(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        var (top1, top5) = (0, 0);
        for (var row = 0; row < labels.Length; row++)
        {
            var values = logits.Slice(row * classes, classes);
            var own = values[labels[row]];
            var before = 0;
            for (var i = 0; i < classes; i++)
            {
                if (float.IsNaN(values[i]))
                    return null;
                if (values[i] > own || (values[i] == own && i < labels[row]))
                    before++;
            }
            top1 += before < 1 ? 1 : 0;
            top5 += before < Five ? 1 : 0;
        }
        return new TopCounts(top1, top5);
    }
}
