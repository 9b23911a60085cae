namespace ClusterBench.Training;

/// <summary>
/// Which samples a virtual rank trains on in which step, as torch's DistributedSampler and DataLoader have it for V replicas: the
/// epoch's order is wrapped to a multiple of V, rank r takes its samples r, r + V, ..., and cuts them into batches. A function of
/// seed, epoch, step and rank alone. (The order itself is keyed by seed and epoch; it is not torch's.)
/// </summary>
public sealed class DistributedSampler
{
    private readonly int samples;
    private readonly int virtualRanks;
    private readonly int batchSize;
    private readonly int seed;

    /// <param name="samples">Number of samples in the training list.</param>
    /// <param name="virtualRanks">V.</param>
    /// <param name="batchSize">Samples of one rank in one step.</param>
    /// <param name="dropLast">Leave out the epoch's last batch where it is smaller.</param>
    /// <exception cref="UserErrorException">An epoch would have no step.</exception>
    public DistributedSampler(int samples, int virtualRanks, int batchSize, bool dropLast, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(virtualRanks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        if (samples == 0)
        {
            throw new UserErrorException("The training list names no image: there is nothing to train on.");
        }

        (this.samples, this.virtualRanks, this.batchSize, this.seed) = (samples, virtualRanks, batchSize, seed);
        SamplesPerRank = (int)(((long)samples + virtualRanks - 1) / virtualRanks);
        var whole = SamplesPerRank / batchSize;
        StepsPerEpoch = dropLast || SamplesPerRank % batchSize == 0 ? whole : whole + 1;
        if (StepsPerEpoch == 0)
        {
            throw new UserErrorException(
                $"data.drop_last leaves no step in an epoch: {samples} images over {virtualRanks} virtual ranks are {SamplesPerRank} each, fewer than the "
                + $"{batchSize} of one batch (data.imgs_per_gpu). Use a smaller batch or set data.drop_last to false.");
        }
    }

    /// <summary>Samples that a rank is given in an epoch, the last batch included.</summary>
    public int SamplesPerRank { get; }

    /// <summary>Steps of an epoch, the same for every rank.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Samples of each rank in a step of the epoch: only the last step's may be fewer.</summary>
    /// <param name="iteration">0 to <see cref="StepsPerEpoch"/> - 1.</param>
    public int BatchSizeAt(int iteration)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iteration);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(iteration, StepsPerEpoch);
        return Math.Min(batchSize, SamplesPerRank - (iteration * batchSize));
    }

    /// <summary>
    /// The epoch's order: to be made once per epoch, for it costs time in proportion to the list (1.3 million samples: some 20 ms).
    /// </summary>
    public EpochOrder Epoch(int epoch) => new(this, Permutation(seed, epoch, samples));

    /// <summary>Fisher and Yates' shuffle in Durstenfeld's form of 0 .. length - 1.</summary>
    private static int[] Permutation(int seed, int epoch, int length)
    {
        var random = new KeyedRandom(seed, RandomUse.EpochOrder, epoch);
        int[] order = [.. Enumerable.Range(0, length)];
        for (var last = length - 1; last > 0; last--)
        {
            var other = random.NextInt(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    /// <summary>The order of the samples in one epoch.</summary>
    public sealed class EpochOrder
    {
        private readonly DistributedSampler sampler;
        private readonly int[] order;

        internal EpochOrder(DistributedSampler sampler, int[] order) => (this.sampler, this.order) = (sampler, order);

        /// <summary>The samples of a rank in a step of the epoch, by their place in the list.</summary>
        /// <param name="iteration">0 to <see cref="StepsPerEpoch"/> - 1.</param>
        /// <param name="virtualRank">0 to V - 1.</param>
        public int[] Batch(int iteration, int virtualRank)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(virtualRank);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(virtualRank, sampler.virtualRanks);
            var batch = new int[sampler.BatchSizeAt(iteration)];
            for (var i = 0; i < batch.Length; i++)
            {
                var place = ((((long)iteration * sampler.batchSize) + i) * sampler.virtualRanks) + virtualRank;
                batch[i] = order[(int)(place % order.Length)];
            }

            return batch;
        }
    }
}
