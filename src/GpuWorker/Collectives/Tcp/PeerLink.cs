using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>What a connection's threads find out about the peer.</summary>
internal interface ILinkEvents
{
    /// <summary>The connection is no more.</summary>
    void Lost(AbortCause cause, string what);

    /// <summary>Nothing came for too long.</summary>
    void Silent();

    /// <summary>The peer did something else than its turn was.</summary>
    void OutOfTurn(string what);

    /// <summary>The peer has aborted the generation and says why.</summary>
    void AbortedByPeer(byte[] payload);

    /// <summary>The peer has finished all its calls and leaves.</summary>
    void Left();

    /// <summary>This process failed.</summary>
    void Failed(Exception e);
}

/// <summary>The connection to one peer of a generation: a socket and the threads of its two halves.</summary>
internal sealed class PeerLink : ILinkEvents, IDisposable
{
    private const int NobodyElse = -1;

    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    private readonly CollectiveGroup _group;
    private readonly Gate _gate;
    private readonly TimeSpan _silence;
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    /// <param name="socket">Connected, and the hello is over; the link's from now on.</param>
    public PeerLink(CollectiveGroup group, int peer, Socket socket, TcpLimits limits, Gate gate, FrameBuffers buffers)
    {
        (_group, Peer, _socket, _gate, _silence) = (group, peer, socket, gate, limits.Silence);
        socket.NoDelay = true;
        // A blocking read that gets nothing for so long fails: the clock runs only while we listen.
        socket.ReceiveTimeout = (int)limits.Silence.TotalMilliseconds;
        _stream = new NetworkStream(socket, ownsSocket: true);
        var name = string.Create(CultureInfo.InvariantCulture, $"{group.Rank}-{peer}");
        Inbox = new Inbox(_stream, name, group.Generation, gate, buffers, limits.MaxEarlyBytes, this);
        Outbox = new Outbox(_stream, name, group.Generation, limits.KeepAlive, () => gate.Change(static () => { }),
            CannotSend, EndSending);
    }

    public int Peer { get; }

    public Inbox Inbox { get; }

    public Outbox Outbox { get; }

    public void Start()
    {
        Inbox.Start();
        Outbox.Start();
    }

    /// <summary>Queues a frame whose payload stays as it is until the outbox is idle.</summary>
    public void Send(Frame frame, nint address)
    {
        if (!Outbox.Send(frame, address))
            Unsendable(frame);
    }

    /// <summary>Queues a frame with a small payload.</summary>
    public void Send(Frame frame, byte[] payload)
    {
        if (!Outbox.Send(frame, payload))
            Unsendable(frame);
    }

    /// <summary>Tells the peer what ended the generation, if it can still be told, instead of whatever was to be sent.</summary>
    public void SendAbort(CollectiveAbortedException reason)
    {
        var text = Encoding.UTF8.GetBytes(reason.Reason);
        var payload = new byte[8 + Math.Min(text.Length, 2000)];
        BitConverter.TryWriteBytes(payload, (int)reason.Cause);
        BitConverter.TryWriteBytes(payload.AsSpan(4), reason.Peer ?? NobodyElse);
        text.AsSpan(0, payload.Length - 8).CopyTo(payload.AsSpan(8));
        Outbox.Close(new Frame(FrameKind.Abort, _group.Generation, 0, 0, 0, payload.Length), payload, discard: true);
    }

    public void SendBye() => Outbox.Close(new Frame(FrameKind.Bye, _group.Generation, 0, 0, 0, 0), [], discard: false);

    /// <summary>Closes the socket, whatever is under way on it, and waits for both threads: nothing touches a caller's memory after.</summary>
    public void Dispose()
    {
        try
        {
            // Wakes a thread that is blocked in a call on the socket, which closing alone need not do.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Not connected any more.
        }
        _stream.Dispose();
        Inbox.Join(Timeout.InfiniteTimeSpan);
        Outbox.Join(Timeout.InfiniteTimeSpan);
    }

    public void Lost(AbortCause cause, string what)
    {
        // A peer that has said goodbye has finished every call: what becomes of its connection after concerns nobody.
        if (!Inbox.HasLeft || cause == AbortCause.Mismatch)
            End(cause, Peer, $"{_group.Name(Peer)} {what}");
    }

    public void Silent() => Lost(AbortCause.Silent, string.Create(CultureInfo.InvariantCulture, $"has said nothing for {_silence.TotalSeconds:0.#} s"));

    public void OutOfTurn(string what) => Lost(AbortCause.Mismatch, what);

    public void Left() => SendBye();

    public void Failed(Exception e) => _gate.Abort(new CollectiveAbortedException(
        _group, $"receiving from {_group.Name(Peer)} failed: {e.Message}", AbortCause.Failed, null, e));

    public void AbortedByPeer(byte[] payload)
    {
        if (payload.Length < 8)
        {
            OutOfTurn("aborted the generation without saying why");
            return;
        }
        var (cause, accused) = ((AbortCause)BitConverter.ToInt32(payload), BitConverter.ToInt32(payload, 4));
        // Whoever accuses us, or nobody, is itself what we have lost.
        var peer = accused >= 0 && accused < _group.Members.Count && accused != _group.Rank ? accused : Peer;
        End(Enum.IsDefined(cause) ? cause : AbortCause.Closed, peer,
            $"{_group.Name(Peer)} ended the generation: {Encoding.UTF8.GetString(payload, 8, payload.Length - 8)}");
    }

    private void End(AbortCause cause, int peer, string what) => _gate.Abort(new CollectiveAbortedException(_group, what, cause, peer));

    /// <summary>
    /// Where nothing can be sent, nothing more can be received either but what has come already: perhaps the peer's own word on why.
    /// </summary>
    private void CannotSend(Exception e)
    {
        if (!Inbox.Join(LastWord))
            Lost(AbortCause.Closed, $"is gone: {e.Message}");
    }

    /// <summary>Lets the peer read the end after everything that was sent.</summary>
    private void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer, or Dispose, was quicker.
        }
    }

    private void Unsendable(Frame frame)
    {
        OutOfTurn($"left the generation while it was to get {frame}");
        _gate.ThrowIfAborted();
    }
}
