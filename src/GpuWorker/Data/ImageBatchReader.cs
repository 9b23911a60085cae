using System.Runtime.ExceptionServices;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.GpuWorker.Data;

/// <summary>
/// Decodes and transforms the images of a list on threads of its own and hands out whole batches in a given order. The bytes do not
/// depend on the number of threads. Memory is bounded: a fixed number of batches exists, and decoding waits until one is free.
/// </summary>
/// <remarks>
/// Threads take single images, so a few batches in flight keep them busy: one with the consumer, one ready, and those being filled.
/// All state lies under one lock; a thread leaves it only to decode.
/// </remarks>
public sealed class ImageBatchReader : IDisposable
{
    private readonly object _gate = new();
    private readonly IReadOnlyList<string> _files;
    private readonly ImagePipeline _pipeline;
    private readonly BatchSchedule _schedule;
    private readonly BatchMemory _memory;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly List<Thread> _threads = [];
    private int _readBatches, _heldBatches, _busyThreads;
    private long _decodedImages, _failedNumber;
    private ExceptionDispatchInfo? _failure;
    private bool _isDisposed, _isFreed;

    /// <summary>Starts decoding a range of the list, in the list's order, at once.</summary>
    /// <param name="files">Absolute paths of the whole list: its first image decides the size if the pipeline does not.</param>
    /// <param name="pipeline">What is done with each image.</param>
    /// <param name="batchSize">Images per batch.</param>
    /// <param name="start">First sample of the range.</param>
    /// <param name="end">One past the last sample; after <paramref name="start"/>.</param>
    /// <param name="threads">Decoding threads, at least 1.</param>
    /// <param name="allocate">
    /// Given a slot (0 .. <see cref="Slots"/> - 1) and a number of floats, returns memory aligned to 64 bytes, which the caller frees
    /// after Dispose; memory that goes from one reader to the next saves page faults, which cost up to as much as the decoding.
    /// Null: the reader has its own.
    /// </param>
    /// <param name="cancellation">Stops the threads and every <see cref="Read"/>.</param>
    /// <exception cref="UserErrorException">The list's first image cannot be read, where it decides the size.</exception>
    public ImageBatchReader(
        IReadOnlyList<string> files, ImagePipeline pipeline, int batchSize, int start, int end, int threads,
        Func<int, long, nint>? allocate = null, CancellationToken cancellation = default)
        : this(files, pipeline, batchSize, Range(files, batchSize, start, end), threads, held: 1, allocate, cancellation)
    {
    }

    /// <summary>Starts decoding the batches of an order at once.</summary>
    /// <param name="files">Absolute paths of the whole list: its first image decides the size if the pipeline does not.</param>
    /// <param name="pipeline">What is done with each image.</param>
    /// <param name="batchSize">Images of the largest batch.</param>
    /// <param name="order">Which images make up which batch.</param>
    /// <param name="threads">Decoding threads, at least 1.</param>
    /// <param name="held">How many batches the consumer holds at once; as many more are made ready meanwhile.</param>
    /// <param name="allocate">As above.</param>
    /// <param name="cancellation">Stops the threads and every <see cref="Read"/>.</param>
    /// <exception cref="UserErrorException">The list's first image cannot be read, where it decides the size.</exception>
    public ImageBatchReader(
        IReadOnlyList<string> files, ImagePipeline pipeline, int batchSize, IBatchOrder order, int threads, int held,
        Func<int, long, nint>? allocate = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(held, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_files, _pipeline, _cancellation) = (files, pipeline, cancellation);
        BatchSize = batchSize;
        Slots = 2 * held + (threads + batchSize - 1) / batchSize;
        Size = pipeline.FixedOutputSize ?? SizeOfFirst();
        _schedule = new BatchSchedule(order, Slots);
        _memory = new BatchMemory(Slots, checked((long)batchSize * RowFloats), allocate);
        try
        {
            for (var i = 0; i < threads; i++) Start(i);
            _registration = cancellation.UnsafeRegister(static reader => ((ImageBatchReader)reader!).WakeAll(), this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int BatchSize { get; }

    /// <summary>How many batches exist at most, with those that the consumer holds.</summary>
    public int Slots { get; }

    /// <summary>Width and height of every image after the transforms.</summary>
    public ImageSize Size { get; }

    /// <summary>Batches of the whole range.</summary>
    public int Batches => _schedule.Batches;

    /// <summary>Images of the range that were decoded and transformed so far.</summary>
    public long DecodedImages => Interlocked.Read(ref _decodedImages);

    /// <summary>Decoding threads that have not ended: 0 after Dispose, and soon after the last image or an error.</summary>
    public int LiveThreads => _threads.Count(t => t.IsAlive);

    private int RowFloats => checked(3 * Size.Pixels);

    /// <summary>Waits for the next batch; null after the last. One consumer at a time; it holds fewer batches than there are slots.</summary>
    /// <exception cref="UserErrorException">An image cannot be used: the first such in the order, whatever the threads did first.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public ImageBatch? Read()
    {
        lock (_gate)
        {
            while (true)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _cancellation.ThrowIfCancellationRequested();
                if (_failure is not null && _busyThreads == 0) _failure.Throw();
                if (_failure is null && _readBatches == Batches) return null;
                if (_failure is null && _schedule.IsWhole(_readBatches)) return HandOut(_readBatches++);
                if (_heldBatches == Slots) throw new InvalidOperationException($"All {Slots} batches are held: dispose one before the next Read.");
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Stops, waits for the threads to end, and frees the memory (of batches still held: when they are disposed).</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
        // Not under the lock: the callback that it waits for takes the lock.
        _registration.Dispose();
        foreach (var thread in _threads) thread.Join();
        lock (_gate) FreeIfUnused();
    }

    private static ContiguousBatches Range(IReadOnlyList<string> files, int batchSize, int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, files.Count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(end, start);
        return new ContiguousBatches(start, end, batchSize);
    }

    private bool IsStopped => _isDisposed || _failure is not null || _cancellation.IsCancellationRequested;

    private void Start(int index)
    {
        var thread = new Thread(Work) { Name = $"decode-{index}", IsBackground = true };
        thread.Start();
        _threads.Add(thread);
    }

    private void Work()
    {
        ImageDecoder? decoder = null;
        try
        {
            while (Take() is { } job)
            {
                try
                {
                    Fill(decoder ??= new ImageDecoder(), job);
                    Finish(job, failure: null);
                }
                catch (Exception e)
                {
                    Finish(job, e);
                }
            }
        }
        finally
        {
            decoder?.Dispose();
        }
    }

    private DecodeJob? Take()
    {
        lock (_gate)
        {
            while (!IsStopped && !_schedule.IsAllTaken)
            {
                if (_schedule.CanTake)
                {
                    _busyThreads++;
                    return _schedule.Take();
                }
                Monitor.Wait(_gate);
            }
            return null;
        }
    }

    private void Fill(ImageDecoder decoder, DecodeJob job)
    {
        if (job.Row == 0)
            for (var row = job.Count; row < BatchSize; row++) _memory.Row(job.Slot, row, RowFloats).Clear();
        var file = _files[job.Sample.Index];
        var image = decoder.Decode(file);
        var size = _pipeline.OutputSize(image.Width, image.Height);
        if (size != Size) throw OtherSize(file, size);
        _pipeline.Run(image, _memory.Row(job.Slot, job.Row, RowFloats), job.Sample.Random);
    }

    // Images are handed out in order, so when one fails all before it are done or in work; Read waits for those and reports the first.
    private void Finish(DecodeJob job, Exception? failure)
    {
        lock (_gate)
        {
            _busyThreads--;
            if (failure is null)
            {
                Interlocked.Increment(ref _decodedImages);
                if (_schedule.Complete(job) || _failure is not null) Monitor.PulseAll(_gate);
                return;
            }
            if (_failure is null || job.Number < _failedNumber)
            {
                _failure = ExceptionDispatchInfo.Capture(WithFile(failure, _files[job.Sample.Index]));
                _failedNumber = job.Number;
            }
            Monitor.PulseAll(_gate);
        }
    }

    private ImageBatch HandOut(int batch)
    {
        _heldBatches++;
        var slot = _schedule.SlotOf(batch);
        return new ImageBatch(
            batch, _schedule.Samples(batch), slot, _memory.Address(slot), _memory.Floats, Release);
    }

    private void Release(ImageBatch batch)
    {
        lock (_gate)
        {
            _heldBatches--;
            _schedule.Release(batch.Index);
            if (_isDisposed) FreeIfUnused();
            Monitor.PulseAll(_gate);
        }
    }

    private void FreeIfUnused()
    {
        // While threads may still write (Dispose has not joined them yet) the memory stays.
        if (_isFreed || _heldBatches > 0 || _threads.Exists(t => t.IsAlive)) return;
        _isFreed = true;
        _memory.Free();
    }

    private void WakeAll()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private ImageSize SizeOfFirst()
    {
        using var decoder = new ImageDecoder();
        var image = decoder.Decode(_files[0]);
        return _pipeline.OutputSize(image.Width, image.Height);
    }

    private UserErrorException OtherSize(string file, ImageSize size) => new(
        $"Image {file} comes to {size} pixels after the transforms, but the first of the list, {_files[0]}, to {Size}. All images of a "
            + "list must come to one size: add a Resize to height and width, or a CenterCrop, to the pipeline.",
        exitCode: 1);

    private static Exception WithFile(Exception e, string file) => e switch
    {
        UserErrorException when e.Message.Contains(file, StringComparison.Ordinal) => e,
        UserErrorException user => new UserErrorException($"Image {file}: {e.Message}", user.ExitCode, e),
        _ => new InvalidOperationException($"Decoding and transforming {file} failed: {e.Message}", e),
    };
}
