using System.Net.Sockets;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>A payload that has arrived before anybody asked for it.</summary>
internal readonly record struct Arrival(Frame Frame, nint Block);

/// <summary>
/// The receiving half of a connection. A thread of its own reads always, also while no call waits, so that the peer's end or silence is
/// noticed at once; what comes early lies in blocks until it is asked for.
/// </summary>
internal sealed unsafe class Inbox
{
    private readonly Stream _stream;
    private readonly int _generation;
    private readonly Gate _gate;
    private readonly FrameBuffers _buffers;
    private readonly ILinkEvents _events;
    private readonly long _maxEarly;
    private readonly Queue<Arrival> _arrivals = [];
    private readonly Queue<Landing> _landings = [];
    private readonly Thread _thread;
    private long _early, _bytes;

    public Inbox(Stream stream, string name, int generation, Gate gate, FrameBuffers buffers, long maxEarly, ILinkEvents events)
    {
        (_stream, _generation, _gate, _buffers, _maxEarly, _events) = (stream, generation, gate, buffers, maxEarly, events);
        _thread = new Thread(Run) { IsBackground = true, Name = $"coll-in {name}" };
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The peer has left in order. Read under the gate.</summary>
    public bool HasLeft { get; private set; }

    public void Start() => _thread.Start();

    public bool Join(TimeSpan limit) => _thread.Join(limit);

    /// <summary>Sets memory up for chunks that the peer may send from now on.</summary>
    public void Land(Landing landing)
    {
        if (!landing.IsComplete)
            _gate.Change(() => _landings.Enqueue(landing));
    }

    /// <summary>Everything that was set up to land has landed.</summary>
    public void WaitLanded()
    {
        _gate.Wait(() => _landings.Count == 0 || HasLeft);
        if (_landings.Count > 0)
            _events.OutOfTurn($"left the generation where {_landings.Peek().Expected} was expected");
    }

    /// <summary>The next frame of the peer's, which must be the expected one; its length is checked where one is given.</summary>
    public Arrival Take(Frame expected, bool anyLength = false)
    {
        var arrival = default(Arrival);
        _gate.Wait(() => _arrivals.TryPeek(out arrival) || HasLeft);
        if (arrival.Block == 0)
            _events.OutOfTurn($"left the generation where {expected} was expected");
        else if (arrival.Frame != (anyLength ? expected with { Length = arrival.Frame.Length } : expected))
            _events.OutOfTurn($"sent {arrival.Frame} where {expected} was expected");
        _gate.ThrowIfAborted();
        _gate.Change(() =>
        {
            _arrivals.Dequeue();
            _early -= arrival.Frame.Length;
        });
        return arrival;
    }

    /// <summary>Gives a taken frame's block back.</summary>
    public void Return(Arrival arrival) => _buffers.Return(arrival.Block);

    private void Run()
    {
        try
        {
            Span<byte> header = stackalloc byte[Frame.HeaderSize];
            while (Fill(header))
            {
                if (Frame.Read(header) is not { } frame || frame.Generation != _generation)
                {
                    _events.OutOfTurn(Frame.Read(header) is { } other ? $"sent {other} in generation {_generation}" : $"sent bytes that are no frame: {Convert.ToHexString(header)}");
                    return;
                }
                if (!Receive(frame))
                    return;
            }
            if (!HasLeft)
                _events.Lost(AbortCause.Closed, "closed its connection");
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            _events.Silent();
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or ObjectDisposedException)
        {
            _events.Lost(AbortCause.Closed, $"is gone: {e.Message}");
        }
        catch (CollectiveAbortedException)
        {
            // Somebody else ended the generation while the peer was too far ahead.
        }
        catch (Exception e)
        {
            _events.Failed(e);
        }
    }

    private bool Receive(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.KeepAlive:
                return true;
            case FrameKind.Bye:
                _gate.Change(() => HasLeft = true);
                _events.Left();
                return true;
            case FrameKind.Abort:
                var text = new byte[frame.Length];
                _stream.ReadExactly(text);
                _events.AbortedByPeer(text);
                return false;
            case FrameKind.Mean or FrameKind.State:
                return LandNow(frame);
            default:
                var block = _buffers.Rent();
                Payload(frame, block);
                _gate.Change(() =>
                {
                    _arrivals.Enqueue(new Arrival(frame, block));
                    _early += frame.Length;
                });
                _gate.Wait(() => _early <= _maxEarly);
                return true;
        }
    }

    private bool LandNow(Frame frame)
    {
        Landing? landing = null;
        _gate.Change(() => _landings.TryPeek(out landing));
        if (landing is null || landing.Expected != frame)
        {
            _events.OutOfTurn($"sent {frame} where {(landing is null ? "nothing of the kind" : landing.Expected.ToString())} was expected");
            return false;
        }
        Payload(frame, landing.Address);
        _gate.Change(() =>
        {
            landing.Arrived();
            if (landing.IsComplete)
                _landings.Dequeue();
        });
        return true;
    }

    /// <summary>Counted before anybody is told, so that a call's bytes are counted when it returns.</summary>
    private void Payload(Frame frame, nint address)
    {
        _stream.ReadExactly(new Span<byte>((void*)address, frame.Length));
        if (frame.IsData)
            Interlocked.Add(ref _bytes, frame.Length);
    }

    /// <returns>False: the stream has ended, at the end of a frame.</returns>
    private bool Fill(Span<byte> header)
    {
        var first = _stream.Read(header);
        if (first == 0)
            return false;
        _stream.ReadExactly(header[first..]);
        return true;
    }
}
