using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class RunHashTests
{
    private static readonly Dictionary<string, string> Lists = new(StringComparer.Ordinal) { ["val"] = new string('b', 64), ["train"] = new string('a', 64) };

    private static string Hash(string text = "config", string checkpoint = "cc", Dictionary<string, string>? lists = null, int seed = 0) =>
        RunHash.Compute(text, checkpoint, lists ?? Lists, seed);

    [Fact]
    public void The_hash_is_what_sha256sum_gives_for_the_documented_lines() =>
        // printf 'clusterbench run 1\nconfig %s\ncheckpoint cc\nlist train %s\nlist val %s\nseed 0\n' $(printf config | sha256sum | cut -c-64) a{64} b{64} | sha256sum
        Assert.Equal("6fe1ca841dd82bcfdf1e43c5eea14b20550da005597cb432ca4c91ec09b40a90", Hash());

    [Fact]
    public void Every_input_changes_it()
    {
        var hashes = new[]
        {
            Hash(), Hash(text: "Config"), Hash(checkpoint: "cd"), Hash(seed: 1),
            Hash(lists: new(StringComparer.Ordinal) { ["train"] = new string('b', 64), ["val"] = new string('a', 64) }),
            Hash(lists: new(StringComparer.Ordinal) { ["train"] = new string('a', 64) }),
        };
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void The_order_of_splits_and_the_case_of_digits_do_not() =>
        Assert.Equal(Hash(), Hash(checkpoint: "CC", lists: new(StringComparer.Ordinal) { ["train"] = new string('A', 64), ["val"] = new string('b', 64) }));
}
