namespace ClusterBench.GpuWorker.Data;

/// <summary>One image to decode: where it comes from and where it goes.</summary>
/// <param name="Sample">Position in the list.</param>
/// <param name="Batch">Number of the batch, from 0.</param>
/// <param name="Slot">The memory that the batch lies in.</param>
/// <param name="Row">Row of the batch.</param>
internal readonly record struct DecodeJob(int Sample, int Batch, int Slot, int Row);

/// <summary>
/// Which image is decoded next and which batch is whole: samples go out in list order, batch b lies in slot b modulo the number of
/// slots, and a slot is filled again only after its batch was released. Without threads, clock or memory; not thread-safe.
/// </summary>
internal sealed class BatchSchedule
{
    private readonly int _start, _end, _batchSize;
    private readonly int[] _missing;
    private readonly bool[] _occupied;
    private int _next;

    public BatchSchedule(int start, int end, int batchSize, int slots)
    {
        (_start, _end, _batchSize, _next) = (start, end, batchSize, start);
        _missing = new int[slots];
        _occupied = new bool[slots];
        Batches = (int)(((long)end - start + batchSize - 1) / batchSize);
    }

    public int Batches { get; }

    public bool IsAllTaken => _next == _end;

    public bool CanTake => !IsAllTaken && (RowOf(_next) != 0 || !_occupied[SlotOf(BatchOf(_next))]);

    public int SlotOf(int batch) => batch % _occupied.Length;

    public int FirstSample(int batch) => _start + batch * _batchSize;

    /// <summary>Images in the batch: the batch size, but for the last one.</summary>
    public int Count(int batch) => Math.Min(_batchSize, _end - FirstSample(batch));

    public DecodeJob Take()
    {
        if (!CanTake) throw new InvalidOperationException("No image can be taken now.");
        var sample = _next++;
        var batch = BatchOf(sample);
        var job = new DecodeJob(sample, batch, SlotOf(batch), RowOf(sample));
        if (job.Row == 0) (_occupied[job.Slot], _missing[job.Slot]) = (true, Count(batch));
        return job;
    }

    /// <summary>The image lies in its row. True if that makes its batch whole.</summary>
    public bool Complete(DecodeJob job) => --_missing[job.Slot] == 0;

    /// <summary>Whether the batch, not yet released, is whole.</summary>
    public bool IsWhole(int batch) => _next >= FirstSample(batch) + Count(batch) && _missing[SlotOf(batch)] == 0;

    public void Release(int batch) => _occupied[SlotOf(batch)] = false;

    private int BatchOf(int sample) => (sample - _start) / _batchSize;

    private int RowOf(int sample) => (sample - _start) % _batchSize;
}
