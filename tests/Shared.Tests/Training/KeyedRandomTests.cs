using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class KeyedRandomTests
{
    [Fact]
    public void A_stream_is_the_philox_blocks_of_its_key_one_after_the_other()
    {
        var random = new KeyedRandom(-7, RandomUse.Transform, a: 3, b: 1_281_166, c: 2);
        var expected = new uint[8];
        Philox.Block([0, 3, 1_281_166, 2], [unchecked((uint)-7), 2], expected.AsSpan(0, 4));
        Philox.Block([1, 3, 1_281_166, 2], [unchecked((uint)-7), 2], expected.AsSpan(4, 4));

        Assert.Equal(expected, Enumerable.Range(0, 8).Select(_ => random.NextUInt32()));
    }

    [Fact]
    public void Every_part_of_the_key_changes_the_stream()
    {
        var streams = from seed in (int[])[0, 1, -1]
                      from use in Enum.GetValues<RandomUse>()
                      from a in (int[])[0, 1]
                      from b in (int[])[0, 1]
                      from c in (int[])[0, 1]
                      select new KeyedRandom(seed, use, a, b, c).NextUInt32();

        Assert.Equal(3 * Enum.GetValues<RandomUse>().Length * 8, streams.Distinct().Count());
    }

    [Fact]
    public void Doubles_fill_the_unit_interval_evenly()
    {
        var random = new KeyedRandom(1, RandomUse.Transform);
        var values = Enumerable.Range(0, 100_000).Select(_ => random.NextDouble()).ToArray();

        Assert.All(values, value => Assert.InRange(value, 0, 1 - Math.Pow(2, -53)));
        // Five standard deviations of the mean and of a share.
        Assert.Equal(0.5, values.Average(), 5 * Math.Sqrt(1.0 / 12 / values.Length));
        Assert.All(Enumerable.Range(0, 10), tenth =>
            Assert.Equal(0.1, values.Count(value => (int)(value * 10) == tenth) / (double)values.Length, 5 * Math.Sqrt(0.09 / values.Length)));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(7), InlineData(1000)]
    public void Whole_numbers_below_a_bound_are_equally_likely(int bound)
    {
        var random = new KeyedRandom(2, RandomUse.Transform, a: bound);
        var counts = new int[bound];
        const int Draws = 200_000;
        for (var i = 0; i < Draws; i++)
        {
            counts[random.NextInt(bound)]++;
        }

        var expected = Draws / (double)bound;
        var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 0, bound - 1 + (5 * Math.Sqrt(2.0 * bound)));
    }

    [Fact]
    public void A_bound_that_does_not_divide_2_to_the_32_favours_no_third()
    {
        // Without drawing again, of 3 * 2^30 numbers the multiples of 3 would come up half as often again as the others.
        const int Bound = 3 << 29, Draws = 60_000;
        var random = new KeyedRandom(3, RandomUse.Transform);
        var counts = new int[3];
        for (var i = 0; i < Draws; i++)
        {
            counts[random.NextInt(Bound) % 3]++;
        }

        Assert.All(counts, count => Assert.Equal(Draws / 3.0, count, 5 * Math.Sqrt(Draws * 2 / 9.0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_tails_of_a_normal_distribution()
    {
        var random = new KeyedRandom(4, RandomUse.Initialization);
        var values = Enumerable.Range(0, 100_000).Select(_ => random.NextNormal()).ToArray();

        Assert.Equal(0, values.Average(), 5 / Math.Sqrt(values.Length));
        Assert.Equal(1, values.Average(value => value * value), 5 * Math.Sqrt(2.0 / values.Length));
        Assert.Equal(0, values.Average(value => value * value * value), 5 * Math.Sqrt(15.0 / values.Length));
        Assert.Equal(0.6826895, values.Count(value => Math.Abs(value) < 1) / (double)values.Length, 0.008);
        Assert.Equal(0.0026998, values.Count(value => Math.Abs(value) > 3) / (double)values.Length, 0.0009);
    }

    /// <summary>Results of finished runs depend on these numbers: a change of them is a change of every result.</summary>
    [Fact]
    public void Known_keys_give_known_numbers()
    {
        var random = new KeyedRandom(0, RandomUse.Transform, 1, 2, 3);

        Assert.Equal("aee3ac85 0.5843668363579931 34 -0.473694336282", $"{random.NextUInt32():x8} {random.NextDouble():R} {random.NextInt(1000)} {random.NextNormal():F12}");
    }
}
