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
/// <param name="message">Names run, generation, this worker, the peer and what happened.</param>
/// <param name="peer">Rank in the gang of the member that is held to be the cause; null when it is this process.</param>
public sealed class CollectiveAbortedException(string message, AbortCause cause, int? peer, Exception? inner = null) : Exception(message, inner)
{
    public AbortCause Cause { get; } = cause;

    /// <summary>The member that is held to be the cause, directly or by another member's word.</summary>
    public int? Peer { get; } = peer;
}
