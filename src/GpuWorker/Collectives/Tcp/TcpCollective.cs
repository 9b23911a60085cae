using System.Globalization;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// The collective between processes over plain sockets: one connection to each peer, for tensors on the CPU. See
/// <see cref="ICollective"/> for the rules and <see cref="TreeReduction"/> for what goes over the wire.
/// </summary>
public sealed unsafe class TcpCollective : ICollective
{
    private readonly Gate _gate;
    private readonly Mesh _mesh;
    private readonly Engine _engine;
    private readonly TreeReduction _reduction;

    private TcpCollective(Mesh mesh)
    {
        (_mesh, _gate) = (mesh, mesh.Gate);
        _reduction = new TreeReduction(mesh.Group, mesh.Links);
        _engine = new Engine(_gate, string.Create(CultureInfo.InvariantCulture, $"{Group.Rank}"), Failed, mesh.Close);
    }

    public CollectiveGroup Group => _mesh.Group;

    public CollectiveAbortedException? Aborted => _gate.Aborted;

    public long BytesSent => _mesh.Links.Sum(static link => link?.Outbox.Bytes ?? 0);

    public long BytesReceived => _mesh.Links.Sum(static link => link?.Inbox.Bytes ?? 0);

    /// <summary>
    /// Meets the other members of the generation: blocks, on a thread of the caller's own, until every connection stands.
    /// </summary>
    /// <param name="plane">This process's, at the port that the peers know.</param>
    /// <param name="secret">The run's, at least 16 bytes.</param>
    /// <param name="cancel">Gives up waiting, e.g. because the coordinator forms another generation.</param>
    /// <exception cref="CollectiveAbortedException">A peer was not there in time, or refused, or was lost meanwhile.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    /// <exception cref="InvalidOperationException">This process has seen a higher generation of the run.</exception>
    public static TcpCollective Connect(DataPlane plane, CollectiveGroup group, byte[] secret, TcpLimits? limits = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(plane);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 16, nameof(secret));
        return new TcpCollective(Mesh.Connect(plane, group, secret, limits ?? new TcpLimits(), cancel));
    }

    public IPendingReduction Reduce(long step, int bucket, IReadOnlyList<Tensor> sums, Tensor mean)
    {
        _gate.ThrowIfAborted();
        var addresses = FlatMemory.Sums(sums, mean, Group.Subtrees(Group.Rank).Count);
        Tensor[] held = [.. sums];
        return _engine.Begin(() =>
        {
            _reduction.Run(step, bucket, addresses, (float*)FlatMemory.Of(mean), mean.numel(), WaitSent);
            GC.KeepAlive(held);
        });
    }

    public IReadOnlyList<byte[]> Gather(long step, IReadOnlyList<byte[]> records)
    {
        _gate.ThrowIfAborted();
        var size = FlatMemory.RecordSize(records, Group.Hosted.Count);
        var gathered = new byte[Group.VirtualRanks][];
        Run(() =>
        {
            foreach (var link in Peers)
                for (var i = 0; i < records.Count; i++)
                    link.Send(Header(FrameKind.Record, step, Group.Hosted.First + i, size), records[i]);
            for (var rank = 0; rank < gathered.Length; rank++)
                gathered[rank] = Group.Hosted.Contains(rank) ? records[rank - Group.Hosted.First] : Record(step, rank, size);
            WaitSent();
        });
        return gathered;
    }

    public void Broadcast(long step, Tensor values)
    {
        _gate.ThrowIfAborted();
        var (address, bytes) = (FlatMemory.Of(values), FlatMemory.Bytes(values));
        Run(() =>
        {
            for (var chunk = 0; chunk < Frame.Chunks(bytes); chunk++)
            {
                var (place, header) = (address + (nint)((long)chunk * Frame.MaxLength), Header(FrameKind.Values, step, chunk, Frame.ChunkLength(bytes, chunk)));
                if (Group.Rank == 0)
                    foreach (var link in Peers)
                        link.Send(header, place);
                else
                    Take(_mesh.Links[0]!, header).CopyTo(new Span<byte>((void*)place, header.Length));
            }
            WaitSent();
        });
        GC.KeepAlive(values);
    }

    public void CopyState(long step, int source, bool needed, IReadOnlyList<StateTensor> state)
    {
        _gate.ThrowIfAborted();
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(source);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(source, Group.Members.Count);
        if (needed && source == Group.Rank)
            throw new ArgumentException("the source of the state does not need it", nameof(needed));
        foreach (var part in state)
            _ = FlatMemory.Of(part.Tensor);
        Run(() => new StateCopy(Group, _mesh.Links).Run(step, source, needed, state, WaitSent));
    }

    public void Abort(string reason) => _gate.Abort(new CollectiveAbortedException(Group, reason, AbortCause.Requested, null));

    public void Dispose()
    {
        if (!_engine.TryLeave())
            Abort("the generation was left while a call was under way");
        _engine.Join();
        _mesh.Dispose();
        Abort("the generation has ended here");
    }

    private IEnumerable<PeerLink> Peers => _mesh.Links.OfType<PeerLink>();

    private void Run(Action body) => _engine.Begin(body).Wait();

    private void WaitSent() => _gate.Wait(() => Peers.All(static link => link.Outbox.IsIdle));

    private byte[] Record(long step, int rank, int size)
    {
        var member = Group.Hosting.Index().First(host => host.Item.Contains(rank)).Index;
        return Take(_mesh.Links[member]!, Header(FrameKind.Record, step, rank, size));
    }

    private static byte[] Take(PeerLink link, Frame frame)
    {
        var arrival = link.Inbox.Take(frame);
        var bytes = new ReadOnlySpan<byte>((void*)arrival.Block, frame.Length).ToArray();
        link.Inbox.Return(arrival);
        return bytes;
    }

    private Frame Header(FrameKind kind, long step, int chunk, int length) => new(kind, Group.Generation, step, 0, chunk, length);

    private void Failed(Exception e) => _gate.Abort(new CollectiveAbortedException(Group, e.Message, AbortCause.Failed, null, e));
}
