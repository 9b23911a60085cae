namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// The sending half of a connection: frames wait in a queue for a thread of its own, which sends a keep-alive whenever it had nothing to
/// do for a while. So a peer that does not read holds up nobody but itself.
/// </summary>
internal sealed unsafe class Outbox
{
    // Up to here header and payload are sent at once; beyond, the copy costs more than a second call.
    private const int Together = 4096;

    private readonly Stream _stream;
    private readonly int _generation;
    private readonly TimeSpan _keepAlive;
    private readonly Action _sent;
    private readonly Action<Exception> _failed;
    private readonly Action _ended;
    private readonly object _sync = new();
    private readonly Queue<Item> _queue = [];
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[Frame.HeaderSize + Together];
    private bool _isSending, _isClosed;
    private long _bytes;

    private readonly record struct Item(Frame Frame, nint Address, byte[]? Payload);

    /// <param name="sent">Called when the queue has become empty.</param>
    /// <param name="failed">Called when the connection broke, on the outbox's thread.</param>
    /// <param name="ended">Called after the last frame, with nothing more to send.</param>
    public Outbox(Stream stream, string name, int generation, TimeSpan keepAlive, Action sent, Action<Exception> failed, Action ended)
    {
        (_stream, _generation, _keepAlive, _sent, _failed, _ended) = (stream, generation, keepAlive, sent, failed, ended);
        _thread = new Thread(Run) { IsBackground = true, Name = $"coll-out {name}" };
    }

    /// <summary>Payload bytes of tensors and records sent so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Nothing is queued and no memory of a caller's is being read.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_sync)
                return _queue.Count == 0 && !_isSending;
        }
    }

    public void Start() => _thread.Start();

    public bool Join(TimeSpan limit) => _thread.Join(limit);

    /// <summary>Queues a frame whose payload lies in memory that stays as it is until the outbox is idle.</summary>
    /// <returns>False: the connection has been closed for sending.</returns>
    public bool Send(Frame frame, nint address) => Add(new Item(frame, address, null));

    /// <summary>Queues a frame with a small payload.</summary>
    public bool Send(Frame frame, byte[] payload) => Add(new Item(frame, 0, payload));

    /// <summary>Sends one more frame after what is queued (or instead of it), and then nothing.</summary>
    public void Close(Frame last, byte[] payload, bool discard)
    {
        lock (_sync)
        {
            if (_isClosed)
                return;
            if (discard)
                _queue.Clear();
            _queue.Enqueue(new Item(last, 0, payload));
            _isClosed = true;
            Monitor.PulseAll(_sync);
        }
    }

    private bool Add(Item item)
    {
        lock (_sync)
        {
            if (_isClosed)
                return false;
            _queue.Enqueue(item);
            Monitor.PulseAll(_sync);
            return true;
        }
    }

    private void Run()
    {
        try
        {
            while (Next() is { } item)
            {
                Write(item);
                bool isIdle;
                lock (_sync)
                {
                    _isSending = false;
                    isIdle = _queue.Count == 0;
                }
                if (isIdle)
                    _sent();
            }
            _ended();
        }
        catch (Exception e)
        {
            lock (_sync)
                _isSending = false;
            _failed(e);
        }
    }

    private Item? Next()
    {
        lock (_sync)
        {
            if (_queue.Count == 0 && !_isClosed)
                Monitor.Wait(_sync, _keepAlive);
            if (_queue.TryDequeue(out var item))
            {
                _isSending = true;
                return item;
            }
            return _isClosed ? null : new Item(new Frame(FrameKind.KeepAlive, _generation, 0, 0, 0, 0), 0, []);
        }
    }

    private void Write(Item item)
    {
        var payload = item.Payload is { } bytes ? bytes : new ReadOnlySpan<byte>((void*)item.Address, item.Frame.Length);
        item.Frame.Write(_buffer);
        if (payload.Length <= Together)
        {
            payload.CopyTo(_buffer.AsSpan(Frame.HeaderSize));
            _stream.Write(_buffer.AsSpan(0, Frame.HeaderSize + payload.Length));
        }
        else
        {
            _stream.Write(_buffer.AsSpan(0, Frame.HeaderSize));
            _stream.Write(payload);
        }
        if (item.Frame.IsData)
            Interlocked.Add(ref _bytes, payload.Length);
    }
}
