using ClusterBench.Faults;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// The exact reduction of one bucket: every member sends each of its sub-trees' sums, part by part, to the part's owner; the owner
/// finishes the tree, multiplies by 1/V and gives its part to all. What goes over the wire is (p + 1)(W - 1)/W of the bucket per member,
/// p its sub-trees.
/// </summary>
internal sealed unsafe class TreeReduction
{
    private readonly CollectiveGroup _group;
    private readonly PeerLink?[] _links;
    private readonly TreeNode[] _pieces;
    private readonly TreeAddition[] _additions;
    private readonly int[] _subtrees;
    private readonly nint[] _addresses;
    private readonly Arrival[] _arrivals;

    /// <param name="links">By rank; null at this member's own.</param>
    public TreeReduction(CollectiveGroup group, PeerLink?[] links)
    {
        (_group, _links) = (group, links);
        _subtrees = [.. Enumerable.Range(0, links.Length).Select(m => group.Subtrees(m).Count)];
        _pieces = [.. Enumerable.Range(0, links.Length).SelectMany(group.Subtrees)];
        _additions = [.. ReductionTree.Additions(group.VirtualRanks, _pieces)];
        (_addresses, _arrivals) = (new nint[_pieces.Length], new Arrival[_pieces.Length]);
    }

    private int Self => _group.Rank;

    /// <summary>Runs on the engine's thread.</summary>
    /// <param name="waitSent">Waits until nothing that was queued reads the sums any more.</param>
    public void Run(long step, int bucket, nint[] sums, float* mean, long length, Action waitSent)
    {
        var ranges = new ChunkRanges(length, _links.Length);
        foreach (var link in _links.OfType<PeerLink>())
        {
            var (first, count) = ranges[link.Peer];
            link.Inbox.Land(new Landing(FrameKind.Mean, _group.Generation, step, bucket, (nint)(mean + first), count * sizeof(float)));
        }
        SendSums(step, bucket, sums, ranges);
        // Not to wait here until all are sent is what keeps two members from waiting for one another: a peer that is far ahead is only
        // read from while its chunks are taken.
        Fault.Point(FaultPoints.StepMidReduce);
        var (own, floats) = ranges[Self];
        var bytes = floats * sizeof(float);
        for (var chunk = 0; chunk < Frame.Chunks(bytes); chunk++)
        {
            var (start, size) = (own + (long)chunk * Frame.MaxLength / sizeof(float), Frame.ChunkLength(bytes, chunk));
            Finish(step, bucket, sums, chunk, start, size, mean);
            foreach (var link in _links.OfType<PeerLink>())
                link.Send(Header(FrameKind.Mean, step, bucket, chunk, size), (nint)(mean + start));
        }
        foreach (var link in _links.OfType<PeerLink>())
            link.Inbox.WaitLanded();
        waitSent();
    }

    /// <summary>First chunks of all owners first, so that all have something to do.</summary>
    private void SendSums(long step, int bucket, nint[] sums, ChunkRanges ranges)
    {
        for (var (chunk, isMore) = (0, true); isMore; chunk++)
        {
            isMore = false;
            for (var turn = 1; turn < _links.Length; turn++)
            {
                var link = _links[(Self + turn) % _links.Length]!;
                var (first, count) = ranges[link.Peer];
                var bytes = count * sizeof(float);
                if (chunk >= Frame.Chunks(bytes))
                    continue;
                isMore = true;
                for (var piece = 0; piece < sums.Length; piece++)
                    link.Send(Header(FrameKind.Sum, step, bucket, chunk * sums.Length + piece, Frame.ChunkLength(bytes, chunk)),
                        sums[piece] + (nint)(first * sizeof(float) + (long)chunk * Frame.MaxLength));
            }
        }
    }

    /// <summary>One chunk of this member's own part: the pieces of all members, in rank order, to the mean.</summary>
    private void Finish(long step, int bucket, nint[] sums, int chunk, long start, int size, float* mean)
    {
        for (var (member, piece) = (0, 0); member < _links.Length; member++)
            for (var i = 0; i < _subtrees[member]; i++, piece++)
            {
                if (_links[member] is not { } link)
                {
                    _addresses[piece] = sums[i] + (nint)(start * sizeof(float));
                    continue;
                }
                _arrivals[piece] = link.Inbox.Take(Header(FrameKind.Sum, step, bucket, chunk * _subtrees[member] + i, size));
                _addresses[piece] = _arrivals[piece].Block;
            }
        TreeSum.Run(_additions, _addresses, 0, TreeSum.Mean(_group.VirtualRanks), mean + start, size / sizeof(float));
        for (var (member, piece) = (0, 0); member < _links.Length; member++)
            for (var i = 0; i < _subtrees[member]; i++, piece++)
                _links[member]?.Inbox.Return(_arrivals[piece]);
    }

    private Frame Header(FrameKind kind, long step, int bucket, int chunk, int length) => new(kind, _group.Generation, step, bucket, chunk, length);
}
