using ClusterBench.GpuWorker.Knn;
using CsCheck;

namespace ClusterBench.Tests.Knn;

/// <summary>Ties, blocks and errors, by hand and by property.</summary>
public sealed class KnnRulesTests
{
    private static readonly KnnTiles Tiles = new(QueryTile: 4, BankTile: 4, Threads: 1);

    [Fact]
    public void Of_equal_similarities_the_lower_bank_index_comes_first_also_at_the_kth_place()
    {
        // Entries 1, 3, 5, ... are the query itself; the others are orthogonal to it.
        var bank = new float[40];
        for (var i = 0; i < 20; i++)
            bank[2 * i + (i + 1) % 2] = 1;
        var found = Search([1, 0], bank, 2, k: 12);
        Assert.Equal([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 0, 2], found.IndicesOf(0).ToArray());
        Assert.Equal([1, 3, 5], Search([1, 0], bank, 2, k: 3).IndicesOf(0).ToArray());
    }

    [Fact]
    public void A_tie_across_blocks_goes_to_the_lower_bank_index_whatever_order_the_blocks_come_in()
    {
        var first = new KnnCandidates(1, 2, [0.9f, 0.5f], [3, 1]);
        var second = new KnnCandidates(1, 2, [0.9f, 0.5f], [7, 5]);
        Assert.Equal([3, 7, 1], KnnMerge.Merge([first, second], 3).IndicesOf(0).ToArray());
        Assert.Equal([3, 7, 1], KnnMerge.Merge([second, first], 3).IndicesOf(0).ToArray());
    }

    [Fact]
    public void Merged_blocks_are_the_search_of_the_whole_bank_for_any_cut() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[0, 1 << 20]).Sample(
            (bankRows, queryRows, cutEvery, seed) =>
            {
                // Coordinates of -1, 0 and 1 make many ties.
                var (bank, queries) = (Coordinates(bankRows * 3, seed), Coordinates(queryRows * 3, seed + 1));
                var k = Math.Max(1, bankRows / 2);
                var step = Tiles.BankTile * cutEvery;
                var blocks = new List<KnnCandidates>();
                for (var first = 0; first < bankRows; first += step)
                    blocks.Add(KnnSearch.Block(queries, bank.AsMemory(first * 3, Math.Min(step, bankRows - first) * 3), 3, first, k, Tiles, tokens: 1));
                blocks.Reverse();
                var merged = KnnMerge.Merge(blocks, k);
                var whole = Search(queries, bank, 3, k, tokens: 2);
                Assert.Equal(whole.Indices, merged.Indices);
                Assert.Equal(whole.Similarities, merged.Similarities);
                Assert.Equal(BruteForce(queries, bank, 3, k), merged.Indices);
            },
            iter: 40, seed: "0000000000001", threads: 1);

    [Fact]
    public void Votes_rank_equal_classes_by_their_index_and_classes_without_a_vote_last()
    {
        // Classes: entry 0 is of class 4, entry 1 of class 2; both vote the same for the only query.
        var neighbours = new KnnCandidates(1, 2, [0.5f, 0.5f], [0, 1]);
        var ofTwo = Assert.Single(KnnVote.Evaluate(neighbours, [4, 2], [4], [2], 0.07, 8));
        Assert.Equal(2, Assert.Single(ofTwo.Predictions));
        Assert.Equal((0.0, 100.0), (ofTwo.Top1, ofTwo.Top5));
        var ofOne = Assert.Single(KnnVote.Evaluate(neighbours, [4, 2], [4], [1], 0.07, 8));
        Assert.Equal((4, 100.0, 100.0), (Assert.Single(ofOne.Predictions), ofOne.Top1, ofOne.Top5));
    }

    [Fact]
    public void Top5_takes_classes_without_a_vote_in_the_order_of_their_index()
    {
        // Class 7 alone has votes; behind it come 0, 1, 2, 3.
        var neighbours = new KnnCandidates(2, 5, [.. Enumerable.Repeat(0.5f, 10)], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
        var result = Assert.Single(KnnVote.Evaluate(neighbours, [7, 7, 7, 7, 7], [3, 4], [5], 0.07, 8));
        Assert.Equal(50, result.Top5);
    }

    [Fact]
    public void Top5_of_fewer_than_five_neighbours_looks_at_as_many_ranks()
    {
        var neighbours = new KnnCandidates(1, 1, [0.5f], [0]);
        Assert.Equal(0, Assert.Single(KnnVote.Evaluate(neighbours, [0], [1], [1], 0.07, 2)).Top5);
    }

    [Fact]
    public void All_k_in_one_pass_equal_each_k_alone_and_keep_the_order_asked_for()
    {
        var (bank, queries) = (Coordinates(90, 5), Coordinates(60, 6));
        var neighbours = Search(queries, bank, 3, 20);
        int[] labels = [.. Enumerable.Range(0, 30).Select(i => i * 7 % 5)], queryLabels = [.. Enumerable.Range(0, 20).Select(i => i * 3 % 5)];
        int[] ks = [20, 1, 7];
        var together = KnnVote.Evaluate(neighbours, labels, queryLabels, ks, 0.07, 5);
        Assert.Equal(ks, together.Select(result => result.K));
        foreach (var result in together)
        {
            var alone = Assert.Single(KnnVote.Evaluate(neighbours, labels, queryLabels, [result.K], 0.07, 5));
            Assert.Equal(alone.Predictions, result.Predictions);
            Assert.Equal((alone.Top1, alone.Top5), (result.Top1, result.Top5));
        }
    }

    [Fact]
    public void Metrics_carry_the_published_names() =>
        Assert.Equal("top1@k=20 71.25, top5@k=20 98.1", string.Join(", ", new KnnResult(20, 71.25, 98.1, []).Metrics.Select(metric => $"{metric.Key} {metric.Value}")));

    [Fact]
    public void More_neighbours_than_the_bank_has_is_an_error_that_says_both()
    {
        var error = Assert.Throws<UserErrorException>(() => KnnMerge.Merge([Search([1, 0], [1, 0, 0, 1], 2, 200)], 200));
        Assert.Equal("k = 200 nearest neighbours cannot be taken from a bank of 2 images. Use smaller values of --k or a longer training list.", error.Message);
    }

    [Theory, InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    public void A_feature_that_is_no_number_is_an_error_that_names_split_and_row(float value)
    {
        var bank = new float[20];
        bank[13] = value;
        var error = Assert.Throws<UserErrorException>(() => KnnSearch.Block(new float[2], bank, 2, bankOffset: 8, 1, Tiles, 1));
        Assert.Contains("features of the train split are not numbers: row 14 holds", error.Message, StringComparison.Ordinal);
        bank[13] = 0;
        error = Assert.Throws<UserErrorException>(() => KnnSearch.Block(new[] { 0f, 0f, value, 0f }, bank, 2, 0, 1, Tiles, 2));
        Assert.Contains("features of the val split are not numbers: row 1 holds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zero_vector_is_similar_to_nothing()
    {
        var found = Search([0, 0], [1, 0, 0, 1], 2, 2);
        Assert.Equal([0f, 0f], found.SimilaritiesOf(0).ToArray());
    }

    [Theory]
    [InlineData(0.001, 3, "The temperature 0.001 is too small: exp(1 / T) must be a number, so T is at least 0.0014285714285714286.")]
    [InlineData(0.07, 1, "Row 1 of the training list has the label 2; there are 1 classes, so labels go from 0 to 0.")]
    public void Values_out_of_range_are_errors_that_say_the_range(double temperature, int classes, string message) =>
        Assert.Equal(message, Assert.Throws<UserErrorException>(
            () => KnnVote.Evaluate(new KnnCandidates(1, 2, [1, 1], [0, 1]), [0, 2], [0], [1], temperature, classes)).Message);

    private static KnnCandidates Search(float[] queries, float[] bank, int width, int k, int tokens = 1) =>
        KnnSearch.Block(queries, bank, width, 0, k, Tiles, tokens);

    /// <summary>-1, 0 or 1, by a linear congruential generator.</summary>
    private static float[] Coordinates(int count, int seed)
    {
        var state = (uint)seed;
        return [.. Enumerable.Range(0, count).Select(_ => (state = state * 1664525 + 1013904223) >> 16 is var bits ? bits % 3 - 1f : 0)];
    }

    /// <summary>All similarities in one product per pair, sorted by the rule; sums of three terms are exact enough to tie alike.</summary>
    private static int[] BruteForce(float[] queries, float[] bank, int width, int k)
    {
        var (q, b) = (new float[queries.Length], new float[bank.Length]);
        Normalization.Rows(queries, width, q, "val");
        Normalization.Rows(bank, width, b, "train");
        return [.. Enumerable.Range(0, q.Length / width).SelectMany(query => Enumerable.Range(0, b.Length / width)
            .Select(entry => (Entry: entry, Similarity: Dot(q.AsSpan(query * width, width), b.AsSpan(entry * width, width))))
            .OrderByDescending(pair => pair.Similarity).ThenBy(pair => pair.Entry).Take(k).Select(pair => pair.Entry))];
    }

    // With fused multiply-add, as the product does it.
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }
}
