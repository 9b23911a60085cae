using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>
/// What the members of one generation of a gang compute together. Every member makes the same calls in the same order with the same
/// steps, buckets and sizes; a member that does otherwise aborts the generation for all.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> <see cref="Reduce"/>, <see cref="Gather"/>, <see cref="Broadcast"/>, <see cref="CopyState"/> and
/// <see cref="IPendingReduction.Wait"/> block and belong to the task's own threads, one call at a time, never to the thread pool or an
/// Akka dispatcher. <see cref="Abort"/>, <see cref="Aborted"/> and the counters may be used from any thread at any time.</para>
/// <para><b>Errors.</b> When a member is lost, sends what nobody expects, or aborts, every call that waits and every later one throws
/// <see cref="CollectiveAbortedException"/>; nothing else comes from the network. A call that has returned or thrown does not touch
/// its tensors any more.</para>
/// <para><b>Life.</b> One instance serves one generation. <see cref="IDisposable.Dispose"/> leaves the gang in order: peers still
/// finish the calls that this member has finished. Where a call is waiting in another thread it throws.</para>
/// <para><b>Tensors</b> are contiguous and on the gang's kind of device (the engines of this folder: the CPU).</para>
/// </remarks>
public interface ICollective : IDisposable
{
    CollectiveGroup Group { get; }

    /// <summary>
    /// Begins to sum a bucket over the V virtual ranks along the <see cref="ClusterBench.Training.ReductionTree"/>, and to multiply the sum once by
    /// 1/V. Reductions run in the order in which they were begun, beside whatever the caller computes meanwhile, and before every
    /// <see cref="Gather"/>, <see cref="Broadcast"/> and <see cref="CopyState"/> that is called later.
    /// </summary>
    /// <param name="step">The global step, for the fence against mixed-up members.</param>
    /// <param name="bucket">The bucket's number within the step.</param>
    /// <param name="sums">
    /// The float32 sum of each of this member's sub-trees in the order of <see cref="CollectiveGroup.Subtrees"/>, e.g.
    /// <see cref="LeafFold.Sums"/>, all of the bucket's length. Read, not changed, until <see cref="IPendingReduction.Wait"/> returns.
    /// </param>
    /// <param name="mean">Receives the mean, of the same length: identical on every member. Must not overlap the sums.</param>
    IPendingReduction Reduce(long step, int bucket, IReadOnlyList<Tensor> sums, Tensor mean);

    /// <summary>Gives every member a small record of each virtual rank.</summary>
    /// <param name="records">One of each hosted virtual rank, in rank order; all V of them have the same size, at most 64 KiB.</param>
    /// <returns>The records of the virtual ranks 0..V-1.</returns>
    IReadOnlyList<byte[]> Gather(long step, IReadOnlyList<byte[]> records);

    /// <summary>Gives every member the values of the member that hosts virtual rank 0, e.g. its batch-norm statistics.</summary>
    /// <param name="values">Read there, overwritten elsewhere; the same size and type on every member.</param>
    void Broadcast(long step, Tensor values);

    /// <summary>
    /// Copies the training state from one member to those that need it. Every member calls it with the same source and the same names,
    /// types and shapes. Where it throws on a member that needed it, that member's tensors are torn.
    /// </summary>
    /// <param name="step">The step whose state is copied.</param>
    /// <param name="source">Rank in the gang of the member whose state is copied.</param>
    /// <param name="needed">Whether this member's tensors are to be overwritten; never on the source.</param>
    void CopyState(long step, int source, bool needed, IReadOnlyList<StateTensor> state);

    /// <summary>
    /// Ends the collective: every call that waits and every later one throws, here at once and on the peers as soon as they hear of it.
    /// The first reason stays; further calls do nothing.
    /// </summary>
    /// <param name="reason">A part of a sentence for the message, e.g. <c>the coordinator re-forms the gang</c>.</param>
    void Abort(string reason);

    /// <summary>What ended the collective, as soon as it is known, whether or not a call waits; null while it works.</summary>
    CollectiveAbortedException? Aborted { get; }

    /// <summary>Bytes of tensors and records sent to peers so far, without headers and keep-alives.</summary>
    long BytesSent { get; }

    /// <summary>Bytes of tensors and records received from peers so far, without headers and keep-alives.</summary>
    long BytesReceived { get; }
}

/// <summary>A reduction that has begun.</summary>
public interface IPendingReduction
{
    /// <summary>Blocks until the mean is there, whole and without an error; may be called again.</summary>
    /// <exception cref="CollectiveAbortedException">The collective was aborted; the mean is garbage.</exception>
    void Wait();
}
