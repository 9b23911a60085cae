using System.Globalization;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>What one k comes to.</summary>
/// <param name="Top1">Queries, in percent, whose class has the largest vote.</param>
/// <param name="Top5">Queries, in percent, whose class is among the first min(5, k) of the ranking.</param>
/// <param name="Predictions">The class with the largest vote, per query.</param>
public sealed record KnnResult(int K, double Top1, double Top5, IReadOnlyList<int> Predictions)
{
    /// <summary>The results under their published names, e.g. <c>top1@k=20</c>.</summary>
    public IEnumerable<KeyValuePair<string, double>> Metrics =>
    [
        new(string.Create(CultureInfo.InvariantCulture, $"top1@k={K}"), Top1),
        new(string.Create(CultureInfo.InvariantCulture, $"top5@k={K}"), Top5),
    ];
}

/// <summary>
/// The weighted vote of Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination" (2018), section 3.4:
/// each of the k neighbours gives exp(similarity / T) to its class. Votes are added in the order of the neighbours, in double; of
/// equal votes the lower class ranks first, those without any vote included.
/// </summary>
public static class KnnVote
{
    // exp overflows a little above 709.
    private const double LargestExponent = 700;

    /// <summary>Votes for all k in one pass over the neighbours: the votes of a smaller k are a prefix of those of a larger one.</summary>
    /// <param name="neighbours">At least as many per query as the largest k.</param>
    /// <param name="bankLabels">Class of every bank entry.</param>
    /// <param name="queryLabels">Class of every query.</param>
    /// <param name="classes">Number of classes; labels are below it.</param>
    /// <exception cref="UserErrorException">A label, a k or the temperature is out of its range.</exception>
    public static IReadOnlyList<KnnResult> Evaluate(
        KnnCandidates neighbours, ReadOnlySpan<int> bankLabels, ReadOnlySpan<int> queryLabels, IReadOnlyList<int> ks, double temperature, int classes)
    {
        Check(neighbours, bankLabels, queryLabels, ks, temperature, classes);
        int[] order = [.. ks.Distinct().Order()];
        var predictions = order.ToDictionary(k => k, _ => new int[neighbours.Queries]);
        var top1 = order.ToDictionary(k => k, _ => 0);
        var top5 = order.ToDictionary(k => k, _ => 0);
        var votes = new double[classes];
        for (var query = 0; query < neighbours.Queries; query++)
        {
            Array.Clear(votes);
            var voted = 0;
            foreach (var k in order)
            {
                Cast(votes, neighbours, query, bankLabels, voted, k, temperature);
                voted = k;
                predictions[k][query] = First(votes);
                var rank = Rank(votes, queryLabels[query]);
                top1[k] += rank < 1 ? 1 : 0;
                top5[k] += rank < Math.Min(5, k) ? 1 : 0;
            }
        }
        return [.. ks.Select(k => new KnnResult(k, Percent(top1[k], neighbours.Queries), Percent(top5[k], neighbours.Queries), predictions[k]))];
    }

    /// <summary>Votes of one query for its first <paramref name="k"/> neighbours, per class.</summary>
    public static double[] Votes(KnnCandidates neighbours, int query, ReadOnlySpan<int> bankLabels, int k, double temperature, int classes)
    {
        var votes = new double[classes];
        Cast(votes, neighbours, query, bankLabels, 0, k, temperature);
        return votes;
    }

    private static void Cast(
        double[] votes, KnnCandidates neighbours, int query, ReadOnlySpan<int> bankLabels, int from, int to, double temperature)
    {
        var similarities = neighbours.SimilaritiesOf(query);
        var indices = neighbours.IndicesOf(query);
        for (var place = from; place < to; place++)
            votes[bankLabels[indices[place]]] += Math.Exp(similarities[place] / temperature);
    }

    private static int First(double[] votes)
    {
        var best = 0;
        for (var label = 1; label < votes.Length; label++)
            if (votes[label] > votes[best])
                best = label;
        return best;
    }

    /// <returns>How many classes rank before this one.</returns>
    private static int Rank(double[] votes, int label)
    {
        var before = 0;
        for (var other = 0; other < votes.Length; other++)
            if (votes[other] > votes[label] || (votes[other] == votes[label] && other < label))
                before++;
        return before;
    }

    private static double Percent(int hits, int of) => 100.0 * hits / of;

    private static void Check(
        KnnCandidates neighbours, ReadOnlySpan<int> bankLabels, ReadOnlySpan<int> queryLabels, IReadOnlyList<int> ks, double temperature, int classes)
    {
        if (ks.Count == 0 || ks.Any(k => k < 1))
            throw new UserErrorException("k must be at least 1: --k \"10 20 100 200\".");
        KnnMerge.RequireBank(ks.Max(), bankLabels.Length);
        if (!(temperature >= 1 / LargestExponent))
            throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
                $"The temperature {temperature} is too small: exp(1 / T) must be a number, so T is at least {1 / LargestExponent:R}."));
        if (neighbours.Queries != queryLabels.Length || neighbours.Count < ks.Max())
            throw new ArgumentException($"{neighbours.Queries} queries with {neighbours.Count} neighbours do not serve {queryLabels.Length} labels and k = {ks.Max()}", nameof(neighbours));
        Require(bankLabels, classes, "training");
        Require(queryLabels, classes, "validation");
    }

    private static void Require(ReadOnlySpan<int> labels, int classes, string list)
    {
        for (var row = 0; row < labels.Length; row++)
            if ((uint)labels[row] >= (uint)classes)
                throw new UserErrorException($"Row {row} of the {list} list has the label {labels[row]}; there are {classes} classes, so labels go from 0 to {classes - 1}.");
    }
}
