namespace ClusterBench.GpuWorker.Data;

/// <summary>One image to decode: where it comes from and where it goes.</summary>
/// <param name="Number">How many were taken before it.</param>
/// <param name="Sample">The image.</param>
/// <param name="Batch">Number of the batch, from 0.</param>
/// <param name="Count">Images in that batch.</param>
/// <param name="Slot">The memory that the batch lies in.</param>
/// <param name="Row">Row of the batch.</param>
internal readonly record struct DecodeJob(long Number, ImageSample Sample, int Batch, int Count, int Slot, int Row);

/// <summary>
/// Which image is decoded next and which batch is whole: images go out in the order of the batches, batch b lies in slot b modulo
/// the number of slots, and a slot is filled again only after its batch was released. Without threads, clock or memory; not
/// thread-safe.
/// </summary>
internal sealed class BatchSchedule(IBatchOrder order, int slots)
{
    private readonly int[] _missing = new int[slots];
    private readonly int[][] _samples = new int[slots][];
    private readonly bool[] _occupied = new bool[slots];
    private int _nextBatch, _nextRow;
    private long _taken;

    public int Batches => order.Batches;

    public bool IsAllTaken => _nextBatch == order.Batches;

    public bool CanTake => !IsAllTaken && (_nextRow != 0 || !_occupied[SlotOf(_nextBatch)]);

    public int SlotOf(int batch) => batch % _occupied.Length;

    /// <summary>Positions in the list of the images of a batch that is whole.</summary>
    public int[] Samples(int batch) => _samples[SlotOf(batch)];

    public DecodeJob Take()
    {
        if (!CanTake) throw new InvalidOperationException("No image can be taken now.");
        var (batch, row, slot) = (_nextBatch, _nextRow, SlotOf(_nextBatch));
        var sample = order.Sample(batch, row);
        if (row == 0)
        {
            (_occupied[slot], _missing[slot]) = (true, order.Count(batch));
            _samples[slot] = new int[_missing[slot]];
        }
        var count = _samples[slot].Length;
        _samples[slot][row] = sample.Index;
        (_nextBatch, _nextRow) = row + 1 == count ? (batch + 1, 0) : (batch, row + 1);
        return new DecodeJob(_taken++, sample, batch, count, slot, row);
    }

    /// <summary>The image lies in its row. True if that makes its batch whole.</summary>
    public bool Complete(DecodeJob job) => --_missing[job.Slot] == 0;

    /// <summary>Whether the batch, not yet released, is whole.</summary>
    public bool IsWhole(int batch) => batch < _nextBatch && _missing[SlotOf(batch)] == 0;

    public void Release(int batch) => _occupied[SlotOf(batch)] = false;
}
