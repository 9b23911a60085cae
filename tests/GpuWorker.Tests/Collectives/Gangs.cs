using System.Globalization;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Collectives;

/// <summary>Gangs and data for the tests of the collectives.</summary>
internal static class Gangs
{
    public static CollectiveGroup Group(int virtualRanks, int workers, int rank, int generation = 1, params int[] ports) => new()
    {
        Run = "run-1", Generation = generation, PlanHash = "plan", VirtualRanks = virtualRanks, Rank = rank,
        Members = [.. Enumerable.Range(0, workers).Select(r => new CollectiveMember(
            string.Create(CultureInfo.InvariantCulture, $"host/cpu-{r}"), string.Create(CultureInfo.InvariantCulture, $"incarnation{r}"), "127.0.0.1", ports.ElementAtOrDefault(r)))],
    };

    /// <summary>
    /// The leaf of a virtual rank: numbers of very different size and both signs, a function of rank and index alone, so that nearly
    /// every other order of summation gives other bits.
    /// </summary>
    public static float[] Leaf(int rank, int length)
    {
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            var bits = Mix((uint)(i * 64 + rank));
            values[i] = BitConverter.UInt32BitsToSingle((bits & 0x807FFFFF) | ((120 + (bits >> 24) % 12) << 23));
        }
        return values;
    }

    /// <summary>The mean over the ranks as the tree's definition has it, by recursion in plain C#.</summary>
    public static float[] Mean(int virtualRanks, int length)
    {
        var leaves = Enumerable.Range(0, virtualRanks).Select(r => Leaf(r, length)).ToArray();
        return [.. Sum(0, virtualRanks).Select(x => x * (float)(1.0 / virtualRanks))];

        float[] Sum(int first, int count)
        {
            if (count == 1)
                return leaves[first];
            var left = 1;
            while (left * 2 < count)
                left *= 2;
            return [.. Sum(first, left).Zip(Sum(first + left, count - left), static (a, b) => a + b)];
        }
    }

    /// <summary>One step of one member: folds its leaves in the given order and reduces them.</summary>
    public static float[] Reduce(ICollective collective, int length, long step = 0, int bucket = 0, Func<int[], int[]>? order = null)
    {
        using var scope = NewDisposeScope();
        var hosted = collective.Group.Hosted;
        using var fold = new LeafFold(collective.Group.VirtualRanks, hosted, length);
        int[] ranks = [.. Enumerable.Range(hosted.First, hosted.Count)];
        foreach (var rank in order?.Invoke(ranks) ?? ranks)
            fold.Add(rank, TensorMemory.Copy(Leaf(rank, length), length));
        var mean = empty(length, ScalarType.Float32);
        collective.Reduce(step, bucket, fold.Sums, mean).Wait();
        return mean.Floats().ToArray();
    }

    private static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352d;
        x = (x ^ (x >> 15)) * 0x846ca68b;
        return x ^ (x >> 16);
    }
}
