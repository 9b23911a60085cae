namespace ClusterBench.Training;

/// <summary>
/// A stream of random numbers that is a function of its key alone: never of the worker, the thread, the time or what was drawn
/// before. Different keys give independent streams: seed and use are Philox's key; a, b, c and the number of the block its counter.
/// Not to be shared by threads.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="a">First part of the key, see <see cref="RandomUse"/>; mostly the epoch or the step.</param>
/// <param name="b">Second part, mostly the sample's index or the virtual rank.</param>
/// <param name="c">Third part.</param>
public sealed class KeyedRandom(int seed, RandomUse use, int a = 0, int b = 0, int c = 0)
{
    private const int BlockLength = 4;
    private readonly uint[] block = new uint[BlockLength];
    private uint nextBlock;
    private int taken = BlockLength;

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (taken == BlockLength)
        {
            Philox.Block([nextBlock, unchecked((uint)a), unchecked((uint)b), unchecked((uint)c)], [unchecked((uint)seed), (uint)use], block);
            nextBlock = checked(nextBlock + 1);
            taken = 0;
        }

        return block[taken++];
    }

    /// <summary>A multiple of 2^-53 in [0, 1).</summary>
    public double NextDouble()
    {
        var (high, low) = (NextUInt32() >> 5, NextUInt32() >> 6);
        return ((high * (double)(1 << 26)) + low) / (1L << 53);
    }

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>
    /// A whole number in [0, <paramref name="bound"/>), every one equally likely: the high half of a product, drawn again in the few
    /// cases that would favour some (Lemire, "Fast random integer generation in an interval", 2019).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var surplus = unchecked((uint)-bound) % (uint)bound;
        while (true)
        {
            var product = (ulong)NextUInt32() * (uint)bound;
            if ((uint)product >= surplus)
            {
                return (int)(product >> 32);
            }
        }
    }

    /// <summary>A standard normal number, by the transform of Box and Muller (1958): two uniform numbers make one.</summary>
    public double NextNormal()
    {
        // 1 - u lies in (0, 1]: its logarithm is finite.
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }
}
