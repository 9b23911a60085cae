using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class PhiloxTests
{
    /// <summary>The known answers that the authors publish with Random123 (kat_vectors, philox 4x32 10).</summary>
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Blocks_are_the_published_ones(string counter, string key, string expected)
    {
        var block = new uint[4];

        Philox.Block(Words(counter), Words(key), block);

        Assert.Equal(Words(expected), block);
    }

    private static uint[] Words(string text) => [.. text.Split(' ').Select(word => Convert.ToUInt32(word, 16))];
}
