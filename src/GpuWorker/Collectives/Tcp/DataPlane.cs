using System.Net;
using System.Net.Sockets;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>What the data plane hands a welcomed connection to.</summary>
internal interface IMeeting
{
    CollectiveGroup Group { get; }

    byte[] Secret { get; }

    /// <summary>Keeps the place of a peer that has introduced itself; the answer to it.</summary>
    (Verdict Verdict, string Reason) Reserve(Hello hello);

    /// <summary>Takes the connection over.</summary>
    void Adopt(int peer, Socket socket);

    /// <summary>The peer whose place was kept did not come after all.</summary>
    void Release(int peer);
}

/// <summary>
/// The worker process's one listener for bulk data, for all runs and generations: it hears who calls, refuses strangers and what is
/// past, and hands the rest to the generation that waits for it. It lives as long as the process.
/// </summary>
public sealed class DataPlane : IDisposable
{
    // Strangers that say nothing cannot hold more than this many threads, nor longer than this.
    private const int MaxCallers = 64;
    private static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly Thread _thread;
    private readonly Action<string> _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Generations> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<Socket, Thread> _callers = [];
    private readonly ManualResetEventSlim _ending = new();
    private bool _isDisposed;

    private sealed class Generations
    {
        public int Highest { get; set; }

        public Dictionary<int, IMeeting> Meetings { get; } = [];
    }

    /// <param name="host">Name or address to listen on; also <c>0.0.0.0</c>.</param>
    /// <param name="port">0: one that is free, see <see cref="Port"/>.</param>
    /// <param name="log">Told, in one line, who was sent away and why.</param>
    /// <exception cref="UserErrorException">It cannot listen there.</exception>
    public DataPlane(string host, int port, Action<string>? log = null)
    {
        _log = log ?? (static _ => { });
        try
        {
            var address = IPAddress.TryParse(host, out var parsed) ? parsed : Dns.GetHostAddresses(host)[0];
            _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(address, port));
            _listener.Listen(backlog: 128);
        }
        catch (SocketException e)
        {
            _listener?.Dispose();
            throw new UserErrorException($"The worker's data plane cannot listen on {host}:{port}: {e.Message}. Choose another --data-port or --host.", inner: e);
        }
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _thread = new Thread(Listen) { IsBackground = true, Name = "data-plane" };
        _thread.Start();
    }

    public int Port { get; }

    /// <summary>Callers of that run and generation are welcome from now on, and those of its lower generations no more.</summary>
    /// <exception cref="InvalidOperationException">The run has had a higher generation here, or this one is here already.</exception>
    internal void Register(IMeeting meeting)
    {
        var group = meeting.Group;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_runs.TryGetValue(group.Run, out var run))
                _runs.Add(group.Run, run = new Generations());
            if (group.Generation < run.Highest || !run.Meetings.TryAdd(group.Generation, meeting))
                throw new InvalidOperationException($"{group}: this worker has seen generation {run.Highest} of the run already");
            run.Highest = group.Generation;
        }
    }

    /// <summary>The generation needs no more callers. That it was here is kept, so that no lower one comes back.</summary>
    internal void Unregister(IMeeting meeting)
    {
        lock (_gate)
            _runs[meeting.Group.Run].Meetings.Remove(meeting.Group.Generation);
    }

    public void Dispose()
    {
        KeyValuePair<Socket, Thread>[] callers;
        lock (_gate)
        {
            _isDisposed = true;
            callers = [.. _callers];
        }
        _ending.Set();
        _listener.Dispose();
        foreach (var (socket, _) in callers)
            HangUp(socket);
        _thread.Join();
        foreach (var (_, thread) in callers)
            thread.Join();
        _ending.Dispose();
    }

    private void Listen()
    {
        while (true)
        {
            Socket caller;
            try
            {
                caller = _listener.Accept();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                lock (_gate)
                    if (_isDisposed)
                        return;
                // Out of descriptors, or a caller that was gone before it was heard: the listener itself is well.
                _log($"The data plane could not take a connection: {e.Message}");
                _ending.Wait(TimeSpan.FromMilliseconds(50));
                continue;
            }
            var thread = new Thread(() => Hear(caller)) { IsBackground = true, Name = "data-plane-hello" };
            lock (_gate)
            {
                if (_isDisposed || _callers.Count >= MaxCallers)
                {
                    caller.Dispose();
                    continue;
                }
                _callers.Add(caller, thread);
                thread.Start();
            }
        }
    }

    private void Hear(Socket caller)
    {
        var from = caller.RemoteEndPoint;
        var isAdopted = false;
        try
        {
            caller.NoDelay = true;
            var handshake = new Handshake(caller, HelloLimit);
            var hello = handshake.Hear();
            var (meeting, verdict, reason) = Find(hello);
            if (meeting is not null)
                (verdict, reason) = handshake.IsSignedWith(meeting.Secret) ? meeting.Reserve(hello) : (Verdict.Refused, $"the hello is not signed with the secret of run {hello.Run}");
            if (verdict == Verdict.Welcome)
                isAdopted = Welcome(handshake, meeting!, hello.From, caller);
            else
                handshake.Answer(verdict, reason, secret: null);
            if (verdict == Verdict.Refused)
                _log($"The data plane sent {from} away: {reason}.");
        }
        catch (Exception e)
        {
            _log($"The data plane hung up on {from}: {e.Message}.");
        }
        finally
        {
            lock (_gate)
                _callers.Remove(caller);
            if (!isAdopted)
                caller.Dispose();
        }
    }

    private static bool Welcome(Handshake handshake, IMeeting meeting, int peer, Socket caller)
    {
        try
        {
            handshake.Answer(Verdict.Welcome, "", meeting.Secret);
            meeting.Adopt(peer, caller);
            return true;
        }
        catch
        {
            meeting.Release(peer);
            throw;
        }
    }

    private (IMeeting? Meeting, Verdict Verdict, string Reason) Find(Hello hello)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue(hello.Run, out var run) || hello.Generation > run.Highest)
                return (null, Verdict.NotYet, $"run {hello.Run} has no generation {hello.Generation} here yet");
            return hello.Generation == run.Highest && run.Meetings.TryGetValue(hello.Generation, out var meeting)
                ? (meeting, Verdict.Welcome, "")
                : (null, Verdict.Refused, $"generation {hello.Generation} of run {hello.Run} is past here: {run.Highest} is the newest");
        }
    }

    private static void HangUp(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already, or was adopted and is no longer ours.
        }
        socket.Dispose();
    }
}
