namespace ClusterBench.GpuWorker.Collectives;

/// <summary>Why a generation's collective ended.</summary>
public enum AbortCause
{
    /// <summary>This process called <see cref="ICollective.Abort"/> or disposed of the collective.</summary>
    Requested,

    /// <summary>The peer's connection closed: its process ended, or it gave the generation up.</summary>
    Closed,

    /// <summary>The peer was connected and nothing came from it for too long.</summary>
    Silent,

    /// <summary>The peer could not be connected in time, or it refused to be.</summary>
    NotConnected,

    /// <summary>The peer sent something else than its turn was: the members do not agree on what they compute.</summary>
    Mismatch,

    /// <summary>This process failed in the middle of a collective; the inner exception says how.</summary>
    Failed,
}

/// <summary>
/// The collective of this generation is over: every call that waits and every later one throws it. No state has been changed, so the
/// step can be done again in another generation.
/// </summary>
public sealed class CollectiveAbortedException : Exception
{
    internal CollectiveAbortedException(CollectiveGroup group, string reason, AbortCause cause, int? peer, Exception? inner = null)
        : base($"{group}: {reason.TrimEnd('.')}.", inner) => (Reason, Cause, Peer) = (reason.TrimEnd('.'), cause, peer);

    /// <summary>The same end, for another caller.</summary>
    internal CollectiveAbortedException(CollectiveAbortedException first) : base(first.Message, first) =>
        (Reason, Cause, Peer) = (first.Reason, first.Cause, first.Peer);

    public AbortCause Cause { get; }

    /// <summary>
    /// Rank in the gang of the member that is held to be the cause, directly or by another member's word; null when it is this process.
    /// </summary>
    public int? Peer { get; }

    /// <summary>The message without run, generation and this worker: names the peer and what happened.</summary>
    public string Reason { get; }
}
