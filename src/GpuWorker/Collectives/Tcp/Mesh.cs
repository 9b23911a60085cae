using System.Globalization;
using System.Net.Sockets;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>The connections of one generation: made, handed out, closed. The higher rank calls the lower one.</summary>
internal sealed class Mesh : IMeeting, IDisposable
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2), LastWord = TimeSpan.FromMilliseconds(250), Pause = TimeSpan.FromMilliseconds(100);

    private readonly DataPlane _plane;
    private readonly TcpLimits _limits;
    private readonly FrameBuffers _buffers = new();
    private readonly HashSet<int> _reserved = [];
    private bool _isClosed;

    private Mesh(DataPlane plane, CollectiveGroup group, byte[] secret, TcpLimits limits)
    {
        (_plane, Group, Secret, _limits, Links) = (plane, group, secret, limits, new PeerLink?[group.Members.Count]);
        plane.Register(this);
    }

    public Gate Gate { get; } = new();

    public CollectiveGroup Group { get; }

    public byte[] Secret { get; }

    /// <summary>By rank; null at this member's own.</summary>
    public PeerLink?[] Links { get; }

    /// <inheritdoc cref="TcpCollective.Connect"/>
    public static Mesh Connect(DataPlane plane, CollectiveGroup group, byte[] secret, TcpLimits limits, CancellationToken cancel)
    {
        var mesh = new Mesh(plane, group, secret, limits);
        try
        {
            mesh.Meet(cancel);
            return mesh;
        }
        catch (Exception e)
        {
            mesh.Gate.Abort(new CollectiveAbortedException(group, e.Message, AbortCause.Requested, null, e));
            mesh.Close(inOrder: false);
            mesh.Dispose();
            if (cancel.IsCancellationRequested || e is not (CollectiveAbortedException or OperationCanceledException))
                throw;
            mesh.Gate.ThrowIfAborted();
            throw;
        }
    }

    public (Verdict Verdict, string Reason) Reserve(Hello hello)
    {
        if (hello.From <= Group.Rank || hello.From >= Links.Length || hello != Expected(hello.From))
            return (Verdict.Refused, $"{Group}: {hello} came, and of that rank is expected {(hello.From >= 0 && hello.From < Links.Length ? Expected(hello.From) : "nothing")}");
        (Verdict, string) answer = (Verdict.Welcome, "");
        Gate.Change(() =>
        {
            if (Gate.Aborted is not null || _isClosed || !_reserved.Add(hello.From))
                answer = (Verdict.Refused, $"{Group}: rank {hello.From} is connected already, or the generation is over");
        });
        return answer;
    }

    public void Release(int peer) => Gate.Change(() => _reserved.Remove(peer));

    public void Adopt(int peer, Socket socket)
    {
        var link = new PeerLink(Group, peer, socket, _limits, Gate, _buffers);
        var isLate = false;
        Gate.Change(() =>
        {
            isLate = _isClosed;
            if (isLate)
                return;
            // From here on the peer hears of us, also while others are still awaited.
            link.Start();
            Links[peer] = link;
        });
        if (isLate)
            socket.Dispose();
    }

    /// <summary>Ends all connections and waits until their threads have ended.</summary>
    /// <param name="inOrder">Lets the peers read what was sent; else they are told why the generation is over, if that is quick.</param>
    public void Close(bool inOrder)
    {
        PeerLink[] links = [];
        Gate.Change(() =>
        {
            _isClosed = true;
            links = [.. Links.OfType<PeerLink>()];
        });
        var limit = inOrder ? Goodbye : LastWord;
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        foreach (var link in links)
        {
            if (inOrder)
                link.SendBye();
            else
                link.SendAbort(Gate.Aborted!);
        }
        foreach (var link in links)
        {
            _ = link.Outbox.Join(Left());
            // Closing with bytes unread would take back what the peer has not read yet: wait for its goodbye.
            if (inOrder)
                _ = link.Inbox.Join(Left());
        }
        foreach (var link in links)
            link.Dispose();

        TimeSpan Left() => TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
    }

    public void Dispose()
    {
        _plane.Unregister(this);
        _buffers.Dispose();
    }

    private Hello Expected(int from) => new(
        Group.Run, Group.Generation, from, Group.Rank, Group.Members[from].Incarnation, Group.Self.Incarnation, Group.PlanHash);

    private void Meet(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_limits.Connect);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            for (var peer = 0; peer < Group.Rank; peer++)
                Call(peer, limit.Token, both.Token);
            // The gate has no token of its own: waking it is enough, the condition looks.
            using var wake = both.Token.Register(() => Gate.Change(static () => { }));
            Gate.Wait(() => both.IsCancellationRequested || Links.Index().All(link => link.Item is not null || link.Index == Group.Rank));
            int[] missing = [.. Enumerable.Range(0, Links.Length).Where(rank => rank != Group.Rank && Links[rank] is null)];
            if (missing.Length == 0)
                return;
            cancel.ThrowIfCancellationRequested();
            NotConnected(missing[0], string.Create(CultureInfo.InvariantCulture, $"has not called within {_limits.Connect.TotalSeconds:0.#} s (missing: {string.Join(", ", missing.Select(Group.Name))})"));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Gate.ThrowIfAborted();
            throw;
        }
    }

    /// <summary>Calls until the peer is there: its process may start later, and its generation too.</summary>
    private void Call(int peer, CancellationToken limit, CancellationToken both)
    {
        var last = "was not reached";
        while (true)
        {
            Gate.ThrowIfAborted();
            if (both.IsCancellationRequested)
            {
                if (limit.IsCancellationRequested)
                    NotConnected(peer, last);
                both.ThrowIfCancellationRequested();
            }
            if (TryCall(peer, both, ref last))
                return;
            both.WaitHandle.WaitOne(Pause);
        }
    }

    private bool TryCall(int peer, CancellationToken both, ref string last)
    {
        var member = Group.Members[peer];
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // Closing is what ends a blocking call.
        using var hangUp = both.Register(socket.Dispose);
        var isAdopted = false;
        try
        {
            socket.Connect(member.Host, member.Port);
            var (verdict, reason) = new Handshake(socket, _limits.Connect).Connect(Hello.Of(Group, peer), Secret);
            if (verdict == Verdict.Welcome && hangUp.Unregister())
            {
                Adopt(peer, socket);
                return isAdopted = true;
            }
            last = $"answered: {reason}";
            if (verdict == Verdict.Refused)
                NotConnected(peer, $"refused this worker: {reason}");
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidDataException)
        {
            last = string.Create(CultureInfo.InvariantCulture, $"was not reached at {member.Host}:{member.Port}: {e.Message}");
        }
        finally
        {
            if (!isAdopted)
                socket.Dispose();
        }
        return false;
    }

    private void NotConnected(int peer, string what)
    {
        Gate.Abort(new CollectiveAbortedException(Group, $"{Group.Name(peer)} {what}", AbortCause.NotConnected, peer));
        Gate.ThrowIfAborted();
    }
}
